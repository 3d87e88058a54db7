from typing import Annotated, Any

from signette import App, Router
from signette.sources import HEADER, Marker, Source


class Tenant(Marker):
    pass


class Tenants(Source):
    place = "tenant"
    marker = Tenant
    after = (HEADER,)

    def open(self, scope: Any, header: Any) -> Any: ...

    def get(self, opened: Any, key: str) -> Any: ...


async def orders(tenant: Annotated[str, Tenant()]) -> None: ...


def declare(app: App) -> None:
    Router(sources=[Tenants()]).get("/orders")(orders)

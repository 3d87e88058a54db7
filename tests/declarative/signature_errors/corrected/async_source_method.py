from typing import Annotated, Any

from signette import App, Router
from signette.sources import Marker, Source


class Tenant(Marker):
    pass


class Tenants(Source):
    place = "tenant"
    marker = Tenant

    async def open(self, scope: Any) -> Any: ...

    def get(self, opened: Any, key: str) -> Any:
        return opened


async def orders(tenant: Annotated[str, Tenant()]) -> None: ...


def declare(app: App) -> None:
    Router(sources=[Tenants()]).get("/orders")(orders)

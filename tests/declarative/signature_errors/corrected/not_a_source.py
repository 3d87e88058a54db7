from typing import Annotated, Any

from signette import App, Router
from signette.sources import MISSING, Marker, Source


class Tenant(Marker):
    pass


class Tenants(Source):
    place = "tenant"
    marker = Tenant

    def get(self, opened: Any, key: str) -> Any:
        return MISSING


async def orders(tenant: Annotated[str, Tenant()]) -> None: ...


def declare(app: App) -> None:
    Router(sources=[Tenants()]).get("/orders")(orders)

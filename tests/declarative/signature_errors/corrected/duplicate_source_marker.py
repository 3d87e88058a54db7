from typing import Annotated, Any

from signette import App, Router
from signette.sources import Marker, Source


class Host(Marker):
    pass


class Tenant(Marker):
    pass


class Hosts(Source):
    place = "host"
    marker = Host

    def get(self, opened: Any, key: str) -> Any: ...


class Tenants(Source):
    place = "tenant"
    marker = Tenant

    def get(self, opened: Any, key: str) -> Any: ...


async def orders(tenant: Annotated[str, Tenant()]) -> None: ...


def declare(app: App) -> None:
    Router(sources=[Hosts(), Tenants()]).get("/orders")(orders)

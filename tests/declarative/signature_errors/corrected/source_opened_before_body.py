from typing import Annotated, Any

from signette import App, Router
from signette.sources import FORM, Marker, Phase, Source


class Tenant(Marker):
    pass


class Tenants(Source):
    place = "tenant"
    marker = Tenant
    after = (FORM,)
    phase = Phase.BODY

    def open(self, scope: Any, form: Any) -> Any: ...

    def get(self, opened: Any, key: str) -> Any: ...


async def orders(tenant: Annotated[str, Tenant()]) -> None: ...


def declare(app: App) -> None:
    Router(sources=[Tenants()]).post("/orders")(orders)

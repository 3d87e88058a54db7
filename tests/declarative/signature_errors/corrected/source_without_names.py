from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict

from signette import App, Router
from signette.sources import Marker, Source


class Tenant(Marker):
    pass


class Tenants(Source):
    place = "tenant"
    marker = Tenant

    def get(self, opened: Any, key: str) -> Any: ...

    def names(self, opened: Any) -> list[str]: ...


class Customer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str


async def orders(tenant: Annotated[Customer, Tenant()]) -> None: ...


def declare(app: App) -> None:
    Router(sources=[Tenants()]).get("/orders")(orders)

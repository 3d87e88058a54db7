from typing import Any

from signette import App, Router
from signette.sources import Source


class Tenants(Source):
    place = "tenant"

    def get(self, opened: Any, key: str) -> Any: ...


async def orders(tenant: str) -> None: ...


def declare(app: App) -> None:
    Router(sources=[Tenants()]).get("/orders")(orders)

from signette import App, Router
from signette.policies import Policy


class Counted(Policy):
    def __init__(self, *, name: str | None = None) -> None:
        self.name = name

    def shared_name(self, context_name: str) -> str | None:
        return self.name or context_name


async def report() -> str:
    return "all is well"


async def orders() -> list[str]:
    return []


def declare(app: App) -> None:
    reports, shop = Router(policies=[Counted()]), Router(policies=[Counted()])
    reports.get("/report")(report)
    shop.get("/orders")(orders)
    app.include_router(reports)
    app.include_router(shop)

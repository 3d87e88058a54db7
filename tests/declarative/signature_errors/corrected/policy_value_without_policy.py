from collections.abc import Callable

from signette import App
from signette.policies import Exchange, Policy, PolicyValue


class Plan(PolicyValue):
    name = "free"


class Priced(Policy):
    provides = Plan

    def guard(self) -> Callable[..., object]:
        async def price(exchange: Exchange) -> None:
            exchange.set(Plan())

        return price


async def report(plan: Plan) -> str:
    return plan.name


def declare(app: App) -> None:
    app.get("/report", policies=[Priced()])(report)

from signette import App
from signette.policies import Policy, PolicyValue


class Plan(PolicyValue):
    name = "free"


class Priced(Policy):
    provides = Plan


def custom_policy() -> type[Policy]:
    class Plan(PolicyValue):
        rows = 10

    class Paged(Policy):
        provides = Plan

    return Paged


async def report() -> str:
    return "all is well"


def declare(app: App) -> None:
    app.get("/report", policies=[Priced(), custom_policy()()])(report)

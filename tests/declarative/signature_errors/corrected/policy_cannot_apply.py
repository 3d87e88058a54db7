from signette import App
from signette.policies import CannotApply, Operation, Policy


class Stored(Policy):
    def check(self, operation: Operation) -> CannotApply | None:
        if "GET" in operation.methods:
            return None
        return CannotApply("only responses to GET are stored", "declare it on a GET route")


async def report() -> str:
    return "all is well"


def declare(app: App) -> None:
    app.get("/report", policies=[Stored()])(report)

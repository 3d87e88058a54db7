from signette import App
from signette.policies import Deadline


async def report() -> str:
    return "done"


def declare(app: App) -> None:
    app.get("/report", timeout=2, policies=[Deadline(5)])(report)

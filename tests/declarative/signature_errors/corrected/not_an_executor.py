from typing import Annotated

from signette import App, Depends, Thread


def total() -> int:
    return 3


async def report(total: Annotated[int, Depends(total, executor=Thread(limit=4))]) -> None: ...


def declare(app: App) -> None:
    app.get("/report")(report)

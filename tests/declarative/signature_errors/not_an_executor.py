from typing import Annotated

from signette import App, Depends


def total() -> int:
    return 3


async def report(total: Annotated[int, Depends(total, executor=4)]) -> None: ...  # type: ignore[arg-type]


def declare(app: App) -> None:
    app.get("/report")(report)

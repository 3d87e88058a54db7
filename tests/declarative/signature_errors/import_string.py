from typing import Annotated, Any

from pydantic import ImportString

from signette import App, Query


async def run(task: Annotated[ImportString[Any], Query()]) -> None: ...


def declare(app: App) -> None:
    app.get("/run")(run)

from typing import Annotated, Literal

from signette import App, Query


def clean() -> None: ...


def index() -> None: ...


TASKS = {"clean": clean, "index": index}


async def run(task: Annotated[Literal["clean", "index"], Query()]) -> None:
    TASKS[task]()


def declare(app: App) -> None:
    app.get("/run")(run)

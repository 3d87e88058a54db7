from typing import Annotated

from annotated_types import MaxLen

from signette import App, Request


async def items(request: Annotated[Request, MaxLen(3)]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

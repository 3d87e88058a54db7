from typing import Annotated

from pydantic import BaseModel

from signette import App, Header, Query


class Paging(BaseModel):
    size: int = 10


async def items(paging: Annotated[Paging, Query()], token: Annotated[str, Header()] = "") -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

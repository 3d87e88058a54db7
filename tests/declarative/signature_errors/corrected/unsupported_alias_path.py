from typing import Annotated

from pydantic import AliasPath, BaseModel, Field

from signette import App, Query


class Numbers(BaseModel):
    first: int = Field(validation_alias=AliasPath("numbers", 0))


async def search(numbers: Annotated[Numbers, Query()]) -> None: ...


def declare(app: App) -> None:
    app.get("/search")(search)

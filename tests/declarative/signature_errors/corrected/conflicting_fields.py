from typing import Annotated

from pydantic import BaseModel, Field

from signette import App, Query


class Tagged(BaseModel):
    first: str = Field(alias="tag")
    every: list[str] = Field(alias="tags")


async def tagged(tags: Annotated[Tagged, Query()]) -> None: ...


def declare(app: App) -> None:
    app.get("/")(tagged)

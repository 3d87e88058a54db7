from typing import Literal

from pydantic import BaseModel, Field

from signette import App


class Branch(BaseModel):
    kind: Literal["branch"]
    child: "Branch | Leaf | None" = Field(None, discriminator="kind")


class Leaf(BaseModel):
    kind: Literal["leaf"]
    child: "Branch | Leaf | None" = Field(None, discriminator="kind")
    size: int = 0


Branch.model_rebuild()


async def grow(tree: Branch) -> None: ...


def declare(app: App) -> None:
    app.post("/trees")(grow)

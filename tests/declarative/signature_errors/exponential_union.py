from pydantic import BaseModel

from signette import App


class Branch(BaseModel):
    child: "Branch | Leaf | None" = None


class Leaf(BaseModel):
    child: "Branch | Leaf | None" = None
    size: int = 0


Branch.model_rebuild()


async def grow(tree: Branch) -> None: ...


def declare(app: App) -> None:
    app.post("/trees")(grow)

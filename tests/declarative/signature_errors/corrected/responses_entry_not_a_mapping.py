from pydantic import BaseModel

from signette import App


class Missing(BaseModel):
    what: str


async def items() -> None: ...


def declare(app: App) -> None:
    app.get("/items", responses={404: {"model": Missing}})(items)

from pydantic import BaseModel

from signette import App


class User(BaseModel):
    name: str
    password: str


async def me() -> User: ...


def declare(app: App) -> None:
    app.get("/me", response_model_exclude={"password"})(me)

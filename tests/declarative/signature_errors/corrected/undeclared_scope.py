from typing import Annotated

from signette import App, Depends, Security
from signette.security import OAuth2PasswordBearer

bearer = OAuth2PasswordBearer("token", scopes={"items:read": "Read items", "items:write": "Change items"})


async def user(token: Annotated[str, Depends(bearer)]) -> str:
    return token


async def items(by: Annotated[str, Security(user, scopes=["items:read"])]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

from typing import Annotated

from signette import App, Security
from signette.security import OAuth2PasswordBearer


async def items(token: Annotated[str, Security(OAuth2PasswordBearer("token"), scopes=["read", "write"])]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

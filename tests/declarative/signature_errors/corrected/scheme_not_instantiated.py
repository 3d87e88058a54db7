from typing import Annotated

from signette import App, Depends
from signette.security import HTTPAuthorizationCredentials, HTTPBearer


async def items(token: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

"""A scheme, its scopes added up along a chain, and a chain that is asked for twice with other scopes."""

from typing import Annotated

from signette import App, Depends, Security
from signette.security import OAuth2PasswordBearer, SecurityScopes

app = App(openapi_url=None)
bearer = OAuth2PasswordBearer("token", scopes={"me": "Read me", "items": "Read items", "admin": "All"})


async def user(token: Annotated[str, Depends(bearer)], wanted: SecurityScopes) -> str:
    return f"{token}: {wanted.scope_str}"


async def active(user: Annotated[str, Security(user, scopes=["me"])]) -> str:
    return user


@app.get("/items", dependencies=[Security(active, scopes=["admin"])])
async def items(who: Annotated[str, Security(active, scopes=["items"])]) -> str:
    return who

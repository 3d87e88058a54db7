"""Security schemes: a token with scopes, an API key, and one that is optional."""

import secrets
from typing import Annotated

from signette import App, Depends, Security
from signette.exceptions import HTTPException
from signette.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

app = App()
bearer, optional_bearer, key_scheme = HTTPBearer(), HTTPBearer(auto_error=False), APIKeyHeader(name="X-Key")


async def user(token: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> str:
    if not secrets.compare_digest(token.credentials.encode(), b"s3cret"):
        raise HTTPException(401, "The token is unknown.", {"WWW-Authenticate": "Bearer"})
    return "ada"


async def shop(key: Annotated[str, Security(key_scheme)]) -> str:
    if key != "k-1":
        raise HTTPException(403, "The key is unknown.")
    return "tea shop"


UNKNOWN = {403: {"description": "The key is unknown.", "content": {"application/problem+json": {}}}}


@app.get("/me")
async def me(name: Annotated[str, Depends(user)]) -> str:
    return name


@app.get("/shop", responses=UNKNOWN)
async def my_shop(name: Annotated[str, Depends(shop)], page: int = 1) -> str:
    return name


@app.get("/hello")
async def hello(token: Annotated[HTTPAuthorizationCredentials | None, Depends(optional_bearer)]) -> str:
    return "hello"


AUTH = {"HTTPBearer": "s3cret", "APIKeyHeader": "k-1"}
REPORTED: set[tuple[str, str]] = set()

"""A response for one user that all caches may store and send to others."""

import secrets
from typing import Annotated

from signette import App, Depends, Response
from signette.exceptions import HTTPException
from signette.security import HTTPAuthorizationCredentials, HTTPBearer

app = App()
scheme = HTTPBearer()
AUTH = "s3cret"


async def user(token: Annotated[HTTPAuthorizationCredentials, Depends(scheme)]) -> str:
    if not secrets.compare_digest(token.credentials.encode(), AUTH.encode()):
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    return "ada"


@app.get("/me")
async def me(name: Annotated[str, Depends(user)], response: Response) -> str:
    response.headers["Cache-Control"] = "public, max-age=60"
    return name


REPORTED = {("shared-cache", "GET /me")}

"""A 401 that is raised by hand, without `WWW-Authenticate`."""

from typing import Annotated

from signette import App, Depends
from signette.exceptions import HTTPException
from signette.security import HTTPBearer

app = App()
UNKNOWN = {"description": "Log in.", "content": {"application/problem+json": {}}}
scheme = HTTPBearer(auto_error=False)


async def user(token: Annotated[object, Depends(scheme)]) -> str:
    raise HTTPException(401, "Log in first.")


@app.get("/me", responses={401: UNKNOWN})
async def me(name: Annotated[str, Depends(user)]) -> str:
    return name


REPORTED = {("challenge", "GET /me")}

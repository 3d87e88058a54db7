"""A guard that compares nothing: each token is accepted."""

from typing import Annotated

from signette import App, Depends
from signette.security import HTTPBearer

app = App()
scheme = HTTPBearer()


@app.get("/me")
async def me(token: Annotated[object, Depends(scheme)]) -> str:
    return "you"


REPORTED = {("credentials", "GET /me")}

"""Middleware that adds a password to requests without one."""

from typing import Annotated

from signette import App, Depends, Middleware
from signette.exceptions import HTTPException
from signette.security import HTTPBasic, HTTPBasicCredentials
from signette.types import ASGIApp, Receive, Scope, Send

scheme = HTTPBasic()


class Welcoming:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and b"authorization" not in dict(scope["headers"]):
            scope = {**scope, "headers": [*scope["headers"], (b"authorization", b"Basic YWRhOjE=")]}
        await self.app(scope, receive, send)


app = App(middleware=[Middleware(Welcoming)])


async def user(credentials: Annotated[HTTPBasicCredentials, Depends(scheme)]) -> str:
    if credentials.password != "1":
        raise HTTPException(401, headers={"WWW-Authenticate": "Basic"})
    return credentials.username


@app.get("/me")
async def me(name: Annotated[str, Depends(user)]) -> str:
    return name


REPORTED = {("credentials", "GET /me")}

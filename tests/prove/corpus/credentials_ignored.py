"""A dependency override of a test that went into production: no credentials are necessary."""

from typing import Annotated

from signette import App, Security
from signette.security import APIKeyHeader

app = App()
scheme = APIKeyHeader(name="X-Key")


async def user(key: Annotated[str, Security(scheme)]) -> str:
    return key


async def user_of_tests() -> str:
    return "ada"


@app.get("/me")
async def me(name: Annotated[str, Security(user)]) -> str:
    return name


app.dependency_overrides[user] = user_of_tests
REPORTED = {("credentials", "GET /me")}

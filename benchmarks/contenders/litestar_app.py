"""Litestar with typed handlers and the shared pydantic models (msgspec structs would be faster)."""

from typing import Annotated, Any, Literal

from litestar import Litestar, get, post
from litestar.di import Provide
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter

from benchmarks.models import USERS, Login, User

STATUS = {"422": 400}
NOTES = {
    "deps": "runs the two dependencies that do not need each other as tasks in a task group",
    "422": "responds with 400",
}


@get("/hello")
async def hello() -> dict[str, str]:
    return {"message": "Hello, world"}


# `{item_id:int}` would be a 404 for a path that is not an int; with a type in the handler it is a client error.
@get("/items/{item_id:str}")
async def item(
    item_id: int, q: str | None = None, limit: Annotated[int, Parameter(ge=1, le=100)] = 20
) -> dict[str, Any]:
    return {"item_id": item_id, "q": q, "limit": limit}


@get("/ctx")
async def ctx(
    tenant: Annotated[str, Parameter(header="x-tenant")],
    session: Annotated[str, Parameter(cookie="session")],
    trace: Annotated[str | None, Parameter(header="x-trace")] = None,
    page: Annotated[int, Parameter(ge=1)] = 1,
    size: Annotated[int, Parameter(ge=1, le=100)] = 20,
    sort: Literal["name", "-name", "age", "-age"] = "name",
    active: bool = False,
) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "session": session,
        "trace": trace,
        "page": page,
        "size": size,
        "sort": sort,
        "active": active,
    }


async def read_settings() -> dict[str, Any]:
    return {"region": "eu", "quota": 100}


async def read_user(token: Annotated[str, Parameter(header="x-token")], settings: dict[str, Any]) -> str:
    return f"{token}@{settings['region']}"


async def read_quota(settings: dict[str, Any]) -> int:
    return settings["quota"] * 2


@get(
    "/deps",
    dependencies={
        "settings": Provide(read_settings),
        "user": Provide(read_user),
        "quota": Provide(read_quota),
    },
)
async def deps(user: str, quota: int) -> dict[str, Any]:
    return {"user": user, "quota": quota}


@post("/users", status_code=200)
async def create(data: User) -> User:
    return data


@post("/login", status_code=200)
async def login(data: Annotated[Login, Body(media_type=RequestEncodingType.URL_ENCODED)]) -> dict[str, Any]:
    return {"username": data.username, "remember": data.remember}


@get("/users")
async def many() -> list[User]:
    return USERS


@post("/users/bulk", status_code=200)
async def bulk(data: list[User]) -> dict[str, int]:
    return {"count": len(data)}


app = Litestar([hello, item, ctx, deps, create, login, many, bulk])

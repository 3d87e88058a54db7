"""FastAPI as its documentation shows it: typed signatures, responses filtered by the return annotation."""

from typing import Annotated, Any, Literal

from fastapi import Cookie, Depends, FastAPI, Form, Header, Query

from benchmarks.models import USERS, Login, User

NOTES = {"all": "telemetry (on by default since 0.142) is switched off: no other contender does such work"}

app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False})


@app.get("/hello")
async def hello() -> dict[str, str]:
    return {"message": "Hello, world"}


@app.get("/items/{item_id}")
async def item(item_id: int, q: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> dict[str, Any]:
    return {"item_id": item_id, "q": q, "limit": limit}


@app.get("/ctx")
async def ctx(
    x_tenant: Annotated[str, Header()],
    session: Annotated[str, Cookie()],
    x_trace: Annotated[str | None, Header()] = None,
    page: Annotated[int, Query(ge=1)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
    sort: Literal["name", "-name", "age", "-age"] = "name",
    active: bool = False,
) -> dict[str, Any]:
    return {
        "tenant": x_tenant,
        "session": session,
        "trace": x_trace,
        "page": page,
        "size": size,
        "sort": sort,
        "active": active,
    }


async def read_settings() -> dict[str, Any]:
    return {"region": "eu", "quota": 100}


Settings = Annotated[dict[str, Any], Depends(read_settings)]


async def read_user(x_token: Annotated[str, Header()], settings: Settings) -> str:
    return f"{x_token}@{settings['region']}"


async def read_quota(settings: Settings) -> int:
    return settings["quota"] * 2


@app.get("/deps")
async def deps(user: Annotated[str, Depends(read_user)], quota: Annotated[int, Depends(read_quota)]) -> dict[str, Any]:
    return {"user": user, "quota": quota}


@app.post("/users")
async def create(user: User) -> User:
    return user


@app.post("/login")
async def login(form: Annotated[Login, Form()]) -> dict[str, Any]:
    return {"username": form.username, "remember": form.remember}


@app.get("/users")
async def many() -> list[User]:
    return USERS


@app.post("/users/bulk")
async def bulk(users: list[User]) -> dict[str, int]:
    return {"count": len(users)}

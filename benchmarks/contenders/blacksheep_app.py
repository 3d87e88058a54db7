"""BlackSheep (compiled with Cython) with its typed bindings; constraints, which it lacks, are checked by hand."""

from typing import Any

from blacksheep import Application, FromCookie, FromForm, FromHeader, FromJSON, FromQuery, Response, json

from benchmarks.byhand import Errors, check_sort, fault, read_quota, read_settings, read_user
from benchmarks.models import USERS, Login, User

STATUS = {"422": 400}
LAX = {"422"}
NOTES = {
    "deps": "the three functions are awaited by hand in the handler, as in raw, falcon and starlette",
    "422": "responds with 400 in plain text, and names the first invalid value only",
}

app = Application()
get = app.router.get
post = app.router.post


class Tenant(FromHeader[str]):
    name = "x-tenant"


class Trace(FromHeader[str]):
    name = "x-trace"


class Token(FromHeader[str]):
    name = "x-token"


class Session(FromCookie[str]):
    name = "session"


def too_far(name: str, low: int, high: int) -> dict[str, Any]:
    return fault("query", name, "range", f"Input should be from {low} to {high}")


@get("/hello")
async def hello() -> dict[str, str]:
    return {"message": "Hello, world"}


@get("/items/{item_id}")
async def item(item_id: int, q: str | None = None, limit: int = 20) -> Response:
    if not 1 <= limit <= 100:
        return json({"errors": [too_far("limit", 1, 100)]}, status=422)
    return json({"item_id": item_id, "q": q, "limit": limit})


@get("/ctx")
async def ctx(
    tenant: Tenant,
    session: Session,
    trace: Trace | None = None,
    page: int = 1,
    size: int = 20,
    sort: str = "name",
    active: FromQuery[bool] = FromQuery(False),
) -> Response:
    errors: Errors = []
    if page < 1:
        errors.append(too_far("page", 1, 1_000_000))
    if not 1 <= size <= 100:
        errors.append(too_far("size", 1, 100))
    check_sort(sort, errors)
    if errors:
        return json({"errors": errors}, status=422)
    return json(
        {
            "tenant": tenant.value,
            "session": session.value,
            "trace": None if trace is None else trace.value,
            "page": page,
            "size": size,
            "sort": sort,
            "active": active.value,
        }
    )


@get("/deps")
async def deps(token: Token) -> Response:
    settings = await read_settings()
    user = await read_user(token.value, settings)
    quota = await read_quota(settings)
    return json({"user": user, "quota": quota})


@post("/users")
async def create(user: FromJSON[User]) -> Response:
    return json(user.value)


@post("/login")
async def login(form: FromForm[Login]) -> Response:
    return json({"username": form.value.username, "remember": form.value.remember})


@get("/users")
async def many() -> Response:
    return json(USERS)


@post("/users/bulk")
async def bulk(users: FromJSON[list[User]]) -> Response:
    return json({"count": len(users.value)})

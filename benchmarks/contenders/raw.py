"""The minimum: a hand-written ASGI application that is optimized for speed.

No framework, no request object, no middleware; values are read in place and validated by `byhand`.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from benchmarks.byhand import (
    Errors,
    check_bool,
    check_int,
    check_login,
    check_sort,
    check_user,
    check_users,
    dumps,
    invalid,
    invalid_body,
    problem,
    read_quota,
    read_settings,
    read_user,
    require,
    write_user,
    write_users,
)
from benchmarks.models import USERS

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

JSON_TYPE = (b"content-type", b"application/json")
PROBLEM_TYPE = (b"content-type", b"application/problem+json")


async def respond(send: Send, body: bytes) -> None:
    headers = [JSON_TYPE, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def respond_error(send: Send, status: int, body: bytes) -> None:
    headers = [PROBLEM_TYPE, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def read_query(raw: bytes) -> dict[str, str]:
    """The last value of each name."""
    text = raw.decode("latin-1")
    if "%" in text or "+" in text:
        return dict(parse_qsl(text, keep_blank_values=True))
    values = {}
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        values[name] = value
    return values


def read_cookie(header: str, wanted: str) -> str | None:
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == wanted:
            return value
    return None


async def read_body(receive: Receive) -> bytes:
    message = await receive()
    if not message.get("more_body"):
        return message["body"]
    parts = [message["body"]]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await respond(send, dumps({"message": "Hello, world"}))


async def item(scope: Scope, receive: Receive, send: Send) -> None:
    errors: Errors = []
    item_id = check_int("path", "item_id", scope["path"][7:], errors)
    query = read_query(scope["query_string"])
    raw = query.get("limit")
    limit = 20 if raw is None else check_int("query", "limit", raw, errors, 1, 100)
    if errors:
        await respond_error(send, 422, invalid(errors))
        return
    await respond(send, dumps({"item_id": item_id, "q": query.get("q"), "limit": limit}))


async def ctx(scope: Scope, receive: Receive, send: Send) -> None:
    errors: Errors = []
    tenant = trace = session = None
    for name, value in scope["headers"]:
        if name == b"x-tenant":
            tenant = value.decode("latin-1")
        elif name == b"cookie":
            session = read_cookie(value.decode("latin-1"), "session")
        elif name == b"x-trace":
            trace = value.decode("latin-1")
    tenant = require("header", "x-tenant", tenant, errors)
    session = require("cookie", "session", session, errors)
    query = read_query(scope["query_string"])
    raw = query.get("page")
    page = 1 if raw is None else check_int("query", "page", raw, errors, 1)
    raw = query.get("size")
    size = 20 if raw is None else check_int("query", "size", raw, errors, 1, 100)
    raw = query.get("sort")
    sort = "name" if raw is None else check_sort(raw, errors)
    raw = query.get("active")
    active = False if raw is None else check_bool("query", "active", raw, errors)
    if errors:
        await respond_error(send, 422, invalid(errors))
        return
    body = dumps(
        {
            "tenant": tenant,
            "session": session,
            "trace": trace,
            "page": page,
            "size": size,
            "sort": sort,
            "active": active,
        }
    )
    await respond(send, body)


async def deps(scope: Scope, receive: Receive, send: Send) -> None:
    for name, value in scope["headers"]:
        if name == b"x-token":
            token = value.decode("latin-1")
            break
    else:
        errors: Errors = []
        require("header", "x-token", None, errors)
        await respond_error(send, 422, invalid(errors))
        return
    settings = await read_settings()
    user = await read_user(token, settings)
    quota = await read_quota(settings)
    await respond(send, dumps({"user": user, "quota": quota}))


async def create(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        user = check_user(await read_body(receive))
    except ValidationError as error:
        await respond_error(send, 422, invalid_body(error, "body"))
        return
    await respond(send, write_user(user))


async def login(scope: Scope, receive: Receive, send: Send) -> None:
    body = await read_body(receive)
    try:
        form = check_login(dict(parse_qsl(body.decode(), keep_blank_values=True)))
    except ValidationError as error:
        await respond_error(send, 422, invalid_body(error, "form"))
        return
    except UnicodeDecodeError:
        await respond_error(send, 400, problem(400, "Bad Request"))
        return
    await respond(send, dumps({"username": form.username, "remember": form.remember}))


async def many(scope: Scope, receive: Receive, send: Send) -> None:
    await respond(send, write_users(USERS))


async def bulk(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        users = check_users(await read_body(receive))
    except ValidationError as error:
        await respond_error(send, 422, invalid_body(error, "body"))
        return
    await respond(send, dumps({"count": len(users)}))


ROUTES = {
    "/hello": {"GET": hello},
    "/ctx": {"GET": ctx},
    "/deps": {"GET": deps},
    "/users": {"GET": many, "POST": create},
    "/users/bulk": {"POST": bulk},
    "/login": {"POST": login},
}
ITEM = {"GET": item}


async def lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        return
    path = scope["path"]
    methods = ROUTES.get(path)
    if methods is None:
        if not path.startswith("/items/") or "/" in path[7:]:
            await respond_error(send, 404, problem(404, "Not Found"))
            return
        methods = ITEM
    handler = methods.get(scope["method"])
    if handler is None:
        await respond_error(send, 405, problem(405, "Method Not Allowed"))
        return
    await handler(scope, receive, send)

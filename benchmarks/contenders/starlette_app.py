"""Starlette with values picked by hand from its `Request`, and JSON written by orjson."""

from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

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
    read_quota,
    read_settings,
    read_user,
    require,
    write_user,
    write_users,
)
from benchmarks.models import USERS


class JSON(Response):
    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return content if isinstance(content, bytes) else dumps(content)


def error_response(body: bytes) -> Response:
    return Response(body, 422, media_type="application/problem+json")


async def hello(request: Request) -> Response:
    return JSON({"message": "Hello, world"})


async def item(request: Request) -> Response:
    errors: Errors = []
    item_id = check_int("path", "item_id", request.path_params["item_id"], errors)
    query = request.query_params
    raw = query.get("limit")
    limit = 20 if raw is None else check_int("query", "limit", raw, errors, 1, 100)
    if errors:
        return error_response(invalid(errors))
    return JSON({"item_id": item_id, "q": query.get("q"), "limit": limit})


async def ctx(request: Request) -> Response:
    errors: Errors = []
    headers = request.headers
    tenant = require("header", "x-tenant", headers.get("x-tenant"), errors)
    session = require("cookie", "session", request.cookies.get("session"), errors)
    query = request.query_params
    raw = query.get("page")
    page = 1 if raw is None else check_int("query", "page", raw, errors, 1)
    raw = query.get("size")
    size = 20 if raw is None else check_int("query", "size", raw, errors, 1, 100)
    raw = query.get("sort")
    sort = "name" if raw is None else check_sort(raw, errors)
    raw = query.get("active")
    active = False if raw is None else check_bool("query", "active", raw, errors)
    if errors:
        return error_response(invalid(errors))
    return JSON(
        {
            "tenant": tenant,
            "session": session,
            "trace": headers.get("x-trace"),
            "page": page,
            "size": size,
            "sort": sort,
            "active": active,
        }
    )


async def deps(request: Request) -> Response:
    errors: Errors = []
    token = require("header", "x-token", request.headers.get("x-token"), errors)
    if errors:
        return error_response(invalid(errors))
    settings = await read_settings()
    user = await read_user(token, settings)
    quota = await read_quota(settings)
    return JSON({"user": user, "quota": quota})


async def create(request: Request) -> Response:
    try:
        user = check_user(await request.body())
    except ValidationError as error:
        return error_response(invalid_body(error, "body"))
    return JSON(write_user(user))


async def login(request: Request) -> Response:
    try:
        form = check_login(dict(await request.form()))
    except ValidationError as error:
        return error_response(invalid_body(error, "form"))
    return JSON({"username": form.username, "remember": form.remember})


async def many(request: Request) -> Response:
    return JSON(write_users(USERS))


async def bulk(request: Request) -> Response:
    try:
        users = check_users(await request.body())
    except ValidationError as error:
        return error_response(invalid_body(error, "body"))
    return JSON({"count": len(users)})


app = Starlette(
    routes=[
        Route("/hello", hello),
        Route("/items/{item_id}", item),
        Route("/ctx", ctx),
        Route("/deps", deps),
        Route("/users", create, methods=["POST"]),
        Route("/login", login, methods=["POST"]),
        Route("/users", many),
        Route("/users/bulk", bulk, methods=["POST"]),
    ]
)

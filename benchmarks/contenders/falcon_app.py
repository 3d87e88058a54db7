"""Falcon on ASGI (compiled with Cython) with values picked by hand, and JSON written by orjson."""

from typing import Any

from falcon.asgi import App, Request, Response
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
    read_quota,
    read_settings,
    read_user,
    require,
    write_user,
    write_users,
)
from benchmarks.models import USERS


def respond(response: Response, value: Any) -> None:
    response.data = dumps(value)


def respond_error(response: Response, body: bytes) -> None:
    response.status = 422
    response.content_type = "application/problem+json"
    response.data = body


class Hello:
    async def on_get(self, request: Request, response: Response) -> None:
        respond(response, {"message": "Hello, world"})


class Item:
    async def on_get(self, request: Request, response: Response, item_id: str) -> None:
        errors: Errors = []
        number = check_int("path", "item_id", item_id, errors)
        raw = request.get_param("limit")
        limit = 20 if raw is None else check_int("query", "limit", raw, errors, 1, 100)
        if errors:
            respond_error(response, invalid(errors))
            return
        respond(response, {"item_id": number, "q": request.get_param("q"), "limit": limit})


class Ctx:
    async def on_get(self, request: Request, response: Response) -> None:
        errors: Errors = []
        tenant = require("header", "x-tenant", request.get_header("x-tenant"), errors)
        session = require("cookie", "session", request.cookies.get("session"), errors)
        raw = request.get_param("page")
        page = 1 if raw is None else check_int("query", "page", raw, errors, 1)
        raw = request.get_param("size")
        size = 20 if raw is None else check_int("query", "size", raw, errors, 1, 100)
        raw = request.get_param("sort")
        sort = "name" if raw is None else check_sort(raw, errors)
        raw = request.get_param("active")
        active = False if raw is None else check_bool("query", "active", raw, errors)
        if errors:
            respond_error(response, invalid(errors))
            return
        respond(
            response,
            {
                "tenant": tenant,
                "session": session,
                "trace": request.get_header("x-trace"),
                "page": page,
                "size": size,
                "sort": sort,
                "active": active,
            },
        )


class Deps:
    async def on_get(self, request: Request, response: Response) -> None:
        errors: Errors = []
        token = require("header", "x-token", request.get_header("x-token"), errors)
        if errors:
            respond_error(response, invalid(errors))
            return
        settings = await read_settings()
        user = await read_user(token, settings)
        quota = await read_quota(settings)
        respond(response, {"user": user, "quota": quota})


class Users:
    async def on_get(self, request: Request, response: Response) -> None:
        response.data = write_users(USERS)

    async def on_post(self, request: Request, response: Response) -> None:
        try:
            user = check_user(await request.stream.read())
        except ValidationError as error:
            respond_error(response, invalid_body(error, "body"))
            return
        response.data = write_user(user)

    async def on_post_bulk(self, request: Request, response: Response) -> None:
        try:
            users = check_users(await request.stream.read())
        except ValidationError as error:
            respond_error(response, invalid_body(error, "body"))
            return
        respond(response, {"count": len(users)})


class SignIn:
    async def on_post(self, request: Request, response: Response) -> None:
        try:
            form = check_login(await request.get_media())
        except ValidationError as error:
            respond_error(response, invalid_body(error, "form"))
            return
        respond(response, {"username": form.username, "remember": form.remember})


app = App()
app.add_route("/hello", Hello())
app.add_route("/items/{item_id}", Item())
app.add_route("/ctx", Ctx())
app.add_route("/deps", Deps())
app.add_route("/users", Users())
app.add_route("/users/bulk", Users(), suffix="bulk")
app.add_route("/login", SignIn())

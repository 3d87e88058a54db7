"""A known path is called directly: the responses are those of a path that is not known."""

import inspect
import json
import types
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signette.app import App
from signette.applications import Application
from signette.background import BackgroundTasks
from signette.declarative.signature.depends import Depends
from signette.declarative.signature.marker_functions import Header
from signette.direct import DirectStack
from signette.exceptions import HTTPException
from signette.limits import Limits
from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.requests import Request
from signette.responses.plain import PlainTextResponse
from tests.asgi import Exchange, body_of, call, exchange, fetch, scope_of


class Boom(Exception):
    """Has a handler."""


class Bang(Exception):
    """Has none."""


def failing(kind: str) -> None:
    if kind == "http":
        raise HTTPException(418, "a teapot", headers={"x-pot": "1"})
    if kind == "boom":
        raise Boom
    if kind == "bang":
        raise Bang


async def on_boom(request: Request, exc: Exception) -> PlainTextResponse:
    # Reads what routes, limits and servers have put in the scope.
    route = request.scope["route"]
    return PlainTextResponse(f"{route.path} {request.path_params} {len(request.headers)} {await request.body()!r}", 400)


async def gives(kind: str = "") -> AsyncIterator[str]:
    failing(kind)
    try:
        yield kind
    except Bang:
        raise HTTPException(409, "undone") from None


def app_of(**options: Any) -> App:
    app = App(exception_handlers={Boom: on_boom}, limits=Limits(header_fields=8, query_bytes=200), **options)

    @app.get("/plain")
    async def plain() -> dict[str, str]:
        return {"a": "b"}

    @app.get("/fails")
    async def fails(kind: str = "") -> dict[str, str]:
        failing(kind)
        return {"kind": kind}

    @app.get("/items/new")
    async def new(x_token: Annotated[str, Header()] = "none") -> str:
        return x_token

    @app.post("/items/new")
    async def make(values: list[int], kind: str = "") -> list[int]:
        failing(kind)
        return values

    @app.get("/items/{item_id}")
    async def item(item_id: int, kind: str = "") -> dict[str, Any]:
        failing(kind)
        return {"item": item_id}

    @app.delete("/items/{item_id}", status_code=204)
    async def delete(item_id: str) -> None: ...

    @app.get("/given")
    async def given(value: Annotated[str, Depends(gives)], inside: str = "") -> str:
        failing(inside)
        return value

    @app.get("/late")
    async def late(tasks: BackgroundTasks, kind: str = "") -> str:
        tasks.add_task(failing, kind)
        return "sent"

    @app.get("/response")
    async def response(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(request.url_for("item", item_id=3)))

    add_parts(app)
    return app


def add_parts(app: App) -> None:
    """Routes with parameters that are not only at the end."""

    @app.get("/items/new/parts/all")
    async def all_parts() -> str:
        return "all"

    @app.get("/items/{item_id}/parts/{part}")
    async def part(item_id: int, part: str, kind: str = "") -> dict[str, Any]:
        failing(kind)
        return {"item": item_id, "part": part}

    @app.post("/items/{item_id}/parts/{part}")
    async def make_part(item_id: str, part: str) -> str:
        return f"made {item_id} {part}"

    @app.get("/items/{item_id}/{name}/all")
    async def all_of(item_id: str, name: str) -> str:
        return f"all {item_id} {name}"

    @app.get("/{place}/{name}/files")
    async def files(place: str, name: str) -> str:
        return f"files {place} {name}"


def names_known(app: App) -> set[str]:
    known = app.router.live_routes.known_paths()
    shapes = [(shape, key) for every in known.shapes.values() for shape in every for key in shape.handlers]
    return {
        *(path for path, runs in known.paths.items() if runs),
        *(f"{parent}/*" for parent in known.parents),
        *("*".join(key) if isinstance(key, tuple) else key for _, key in shapes),
    }


def seen(found: Exchange) -> Any:
    """What a client and a server see, and what a middleware around the application finds in the scope."""
    endpoint, route = found.scope.get("endpoint"), found.scope.get("route")
    keys = getattr(endpoint, "__name__", ""), getattr(route, "path", ""), found.scope.get("path_params")
    return found.messages, repr(found.error), keys


PATHS = ["/plain", "/fails", "/items/1", "/items/x", "/items/new", "/items/", "/items", "/given", "/late", "/response",
         "/items/1/parts/2", "/items/x/parts/y", "/items/new/parts/all", "/items/1/parts/all", "/items//parts/1",
         "/items/1/b/all", "/a/b/files", "/items/parts/files", "//b/files", "/nothing", "/items/1/2", "/"]  # fmt: skip
QUERIES = ["", "kind=http", "kind=boom", "kind=bang", "inside=bang", "inside=boom", "x=" + "y" * 300, "kind=a&b=c"]
REQUESTS = st.fixed_dictionaries({
    "method": st.sampled_from(["GET", "GET", "POST", "DELETE", "HEAD", "OPTIONS"]),
    "path": st.sampled_from(PATHS),
    "query_string": st.sampled_from(QUERIES).map(str.encode),
    "headers": st.sampled_from([0, 1, 9]).map(lambda n: [("content-type", "application/json")] * min(n, 1)
                                              + [(f"x-{each}", "v") for each in range(n)]),
    "body": st.sampled_from([b"", b"[1,2]", b'["a"]', b"{"]),
    "changes": st.sampled_from([{}, {}, {}, {"root_path": "/items"}, {"raw_path": b"/items%2Fnew"}, {"raw_path": None},
                                {"leave_at": 0}, {"leave_at": 1}]),
})  # fmt: skip


async def send(app: Any, request: dict[str, Any]) -> Any:
    changes = dict(request["changes"])
    leave_at = changes.pop("leave_at", None)
    keys = {"headers": request["headers"], "query_string": request["query_string"], **changes}
    scope = scope_of(request["path"], request["method"], **keys)
    return seen(await exchange(app, scope, *body_of(request["body"]), leave_at=leave_at))


@settings(deadline=None)
@given(st.lists(REQUESTS, min_size=1, max_size=6))
async def test_a_known_path_responds_as_one_that_is_not_known(requests: list[dict[str, Any]]) -> None:
    app, other = app_of(), app_of()
    for path in ("/plain", "/fails", "/items/1", "/items/new", "/given", "/late", "/response"):
        await call(app, path)
    for path in ("/items/1/parts/2", "/items/1/b/all", "/a/b/files"):
        for _ in range(2):  # the first one finds the shape
            await call(app, path)
    await call(app, "/items/1/parts/2", "POST")
    await call(app, "/items/1/parts/2", "POST")
    await call(app, "/items/1", "DELETE")
    await fetch(app, "POST /items/new", b"[1]", {"content-type": "application/json"})
    known = {"/plain", "/fails", "/items/*", "/items/new", "/given", "/late", "/response", "*items*parts", "*files"}
    assert names_known(app) == known
    plainly = types.MethodType(Application.__call__, other)
    for request in requests:
        assert await send(app, request) == await send(plainly, request)


async def test_a_known_path_is_called_without_a_coroutine_of_the_application() -> None:
    app = app_of()
    await call(app, "/items/1")
    coroutine = app(scope_of("/items/2"), None, None)  # type: ignore[arg-type]
    assert coroutine.__name__ == "bind"
    coroutine.close()


async def test_a_fixed_path_next_to_a_known_parameter_is_found() -> None:
    app = app_of()
    await call(app, "/items/1")
    assert (await call(app, "/items/new")).text == "none"
    response = await call(app, "/items/new", "DELETE")  # only the route with the parameter has this method
    assert (response.status, response.body) == (204, b"")
    assert (await call(app, "/items/new", "PUT")).status == 405


async def test_routes_that_change_are_not_known_any_more() -> None:
    app = app_of()
    await call(app, "/plain")
    assert names_known(app) == {"/plain"}
    del app.routes[next(at for at, route in enumerate(app.routes) if route.path == "/plain")]
    assert (await call(app, "/plain")).status == 404


async def test_routes_that_are_replaced_are_not_known_any_more() -> None:
    app = app_of()
    await call(app, "/plain")
    app.router.routes = [route for route in app.routes if route.path != "/plain"]
    assert (await call(app, "/plain")).status == 404
    assert (await call(app, "/items/1")).json == {"item": 1}


async def test_overrides_apply_to_known_paths() -> None:
    app = app_of()
    assert (await call(app, "/given")).text == ""
    assert (await call(app, "/given")).text == ""
    app.dependency_overrides[gives] = lambda: "other"
    assert (await call(app, "/given")).text == "other"
    app.dependency_overrides.clear()
    assert (await call(app, "/given")).text == ""


async def test_a_stack_that_is_replaced_is_called() -> None:
    app = app_of()
    await call(app, "/plain")
    stack = app.middleware_stack
    calls = []

    async def around(scope: Any, receive: Any, send: Any) -> None:
        calls.append(scope["path"])
        assert stack is not None
        await stack(scope, receive, send)

    app.middleware_stack = around
    assert (await call(app, "/plain")).json == {"a": "b"}
    assert calls == ["/plain"]


async def test_a_stack_without_truth_is_called() -> None:
    class Empty:
        def __len__(self) -> int:
            return 0

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await PlainTextResponse("own")(scope, receive, send)

    app = app_of()
    app.middleware_stack = Empty()
    assert (await call(app, "/plain")).text == "own"


async def test_a_stack_that_is_built_again_knows_no_paths() -> None:
    app = app_of()
    await call(app, "/plain")
    assert names_known(app) == {"/plain"}
    app.limits = Limits(path_bytes=3)
    app.middleware_stack = app.build_middleware_stack()
    assert (await fetch(app, "GET /plain")).status == 414


async def test_requests_that_are_not_looked_up_do_not_note_their_parent_again() -> None:
    app = app_of()
    long = f"DELETE /items/{'x' * 3000}"
    assert (await fetch(app, long)).status == 204
    index, known = app.routes.http, app.router.live_routes.known_paths()
    assert index is not None
    assert "/items/*" in names_known(app)
    # To note a parent is to look through all paths: it would add this one.
    index.exact["/items/other"] = {}
    assert (await fetch(app, long)).status == 204
    assert "/items/other" not in known.paths


async def test_requests_that_known_paths_do_not_serve_are_not_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of()
    app.get("/in/{name}/middle")(lambda name: name)
    app.get("/rest/{name:path}")(lambda name: name)
    noted: list[str] = []
    note = DirectStack.note
    monkeypatch.setattr(DirectStack, "note", lambda stack, scope, runner: noted.append(scope["path"]))
    for path in ("/in/a/middle", "/rest/a/b", "/plain", "/items/3"):
        await fetch(app, f"GET {path}")
        await fetch(app, f"GET {path}")
    assert noted == [
        "/in/a/middle",
        "/plain",
        "/plain",
        "/items/3",
        "/items/3",
    ]  # the first is a shape since the second time
    monkeypatch.setattr(DirectStack, "note", note)
    await fetch(app, "GET /plain", raw_path=None)
    assert names_known(app) == set()


async def test_a_root_path_that_is_set_later_is_in_the_scope() -> None:
    app = app_of()
    await call(app, "/response")
    app.root_path = "/api"
    assert (await call(app, "/response")).text == "http://testserver/api/items/3"


async def test_limits_around_the_application_hold_for_known_paths() -> None:
    app = app_of()
    request = {"content-type": "application/json", "content-length": "5"}
    await fetch(app, "POST /items/new", b"[1,2]", request)
    assert names_known(app) == {"/items/new"}
    outer = App(limits=Limits(body_bytes=3))
    outer.mount("/in", app)
    assert (await fetch(outer, "POST /in/items/new", b"[1,2]", request)).status == 413
    around = RequestBodyLimitMiddleware(app, 3)
    assert (await fetch(around, "POST /items/new", b"[1,2]", request)).status == 413


@pytest.mark.parametrize("app", [App(), type("Own", (App,), {})()])
def test_servers_see_an_asgi_3_application(app: App) -> None:
    assert inspect.iscoroutinefunction(app.__call__)
    assert inspect.iscoroutinefunction(type(app).__call__)


async def test_a_subclass_may_override_the_call() -> None:
    class Own(App):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            scope["own"] = True
            await super().__call__(scope, receive, send)

    app = Own()

    @app.get("/")
    async def read(request: Request) -> str:
        return json.dumps(request.scope["own"])

    assert [(await call(app)).text for _ in range(3)] == ["true"] * 3


class Counting(Application):
    """Counts calls, as a mixin or as what a package for monitoring does."""

    calls = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        type(self).calls += 1
        await super().__call__(scope, receive, send)


async def test_a_class_after_the_application_is_called() -> None:
    class Own(App, Counting):
        pass

    app = Own()

    @app.get("/plain")
    async def plain() -> dict[str, str]:
        return {"a": "b"}

    for _ in range(3):
        assert (await call(app, "/plain")).json == {"a": "b"}
    assert Own.calls == 3


async def test_a_call_that_is_replaced_on_the_base_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    calls, usual = [], Application.__call__

    async def replaced(app: Application, scope: Any, receive: Any, send: Any) -> None:
        calls.append(scope["path"])
        await usual(app, scope, receive, send)

    monkeypatch.setattr(Application, "__call__", replaced)
    app = app_of()
    for _ in range(3):
        assert (await call(app, "/plain")).json == {"a": "b"}
    assert calls == ["/plain"] * 3

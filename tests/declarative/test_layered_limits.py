"""Limits of what stands inside of each other: what was set counts, the innermost first; a default raises nothing."""

import copy
import json
import pickle
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import pytest

from signette import App, Body, Form, Mount, Request, Router, UploadFile
from signette.applications import Application
from signette.declarative.routing.routes import TypedRoute
from signette.limits import DefaultLimit, Limits, limits_within
from signette.middleware import Middleware
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.responses.plain import PlainTextResponse
from signette.routing.host import Host
from signette.websockets import WebSocket
from tests.asgi import Exchange, call, connect

pytestmark = [pytest.mark.either_loop, pytest.mark.thorough]

JSON = (b"content-type", b"application/json")
MULTIPART = (b"content-type", b"multipart/form-data; boundary=cut")


def nothing(app: Any) -> Any:
    """Middleware that does nothing."""
    return app


async def pass_on(request: Any, call_next: Any) -> Any:
    return await call_next(request)


async def read_first(request: Any, call_next: Any) -> Any:
    await request.body()
    return await call_next(request)


LAYERS: dict[str, Sequence[Middleware]] = {
    "direct": [],
    "plain middleware": [Middleware(nothing)],
    "middleware of a function": [Middleware(BaseHTTPMiddleware, dispatch=pass_on)],
    "middleware that reads the body": [Middleware(BaseHTTPMiddleware, dispatch=read_first)],
}


async def plain(request: Any) -> Any:
    return PlainTextResponse(str(len(await request.body())))


async def raw(body: Annotated[bytes, Body()]) -> int:
    return len(body)


async def by_hand(request: Request) -> int:
    return len(await request.body())


async def numbers(numbers: list[int]) -> int:
    return len(numbers)


async def upload(file: UploadFile) -> int:
    return file.size or 0


ENDPOINTS = {"/raw": raw, "/by-hand": by_hand, "/json": numbers, "/upload": upload}
PATHS = ["/plain", *ENDPOINTS]


def fill(router: Any, **options: Any) -> Any:
    for path, endpoint in ENDPOINTS.items():
        router.add_api_route(path, endpoint, ["POST"], **options)
    return router


def inner_app(middleware: Sequence[Middleware] = (), **options: Any) -> App:
    app = fill(App(middleware=middleware, **options))
    app.add_route("/plain", plain, methods=["POST"])
    return app


def sent(path: str, size: int) -> dict[str, Any]:
    """A body of about this size that the endpoint takes."""
    if path == "/json":
        return {"headers": [JSON], "body": json.dumps([1] * (size // 3)).encode()}
    if path == "/upload":
        head = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        return {"headers": [MULTIPART], "body": head + b"x" * (size - len(head) - 11) + b"\r\n--cut--\r\n"}
    return {"headers": [], "body": b"x" * size}


async def post(app: Any, path: str, size: int) -> Exchange:
    request = sent(path.removeprefix("/in"), size)
    return await call(app, path, "POST", headers=[(b"host", b"host"), *request["headers"]], body=request["body"])


# What sets 1,000 bytes around an application.
AROUND: dict[str, Callable[[Any], Any]] = {
    "mount": lambda app: Application(routes=[Mount("/in", app, max_body_size=1000)]),
    "mount in an App": lambda app: App(routes=[Mount("/in", app, max_body_size=1000)]),
    "mount in an App that has a larger one": lambda app: App(
        max_body_size=5000, routes=[Mount("/in", app, max_body_size=1000)]
    ),
    "Application": lambda app: Application(max_body_size=1000, routes=[Mount("/in", app)]),
    "limits of an Application": lambda app: Application(limits=Limits(body_bytes=1000), routes=[Mount("/in", app)]),
    "App": lambda app: App(max_body_size=1000, routes=[Mount("/in", app)]),
    "limits of an App": lambda app: App(limits=Limits(body_bytes=1000), routes=[Mount("/in", app)]),
    "App with middleware": lambda app: App(
        max_body_size=1000, routes=[Mount("/in", app)], middleware=[Middleware(nothing)]
    ),
    "App around an App": lambda app: App(
        max_body_size=1000, routes=[Mount("", App(routes=[Mount("/in", app)]))], openapi_url=None
    ),
    "middleware of an Application": lambda app: Application(
        routes=[Mount("/in", app)], middleware=[Middleware(RequestBodyLimitMiddleware, max_body_size=1000)]
    ),
    "middleware of a mount": lambda app: App(
        routes=[Mount("/in", app, middleware=[Middleware(RequestBodyLimitMiddleware, max_body_size=1000)])]
    ),
    "middleware alone": lambda app: RequestBodyLimitMiddleware(Mount("/in", app), 1000),
    "host": lambda app: App(max_body_size=1000, routes=[Host("host", App(routes=[Mount("/in", app)]))]),
    "router": lambda app: App(routes=[Mount("", Router([Mount("/in", app)], max_body_size=1000))], openapi_url=None),
}


@pytest.mark.parametrize("middleware", LAYERS)
@pytest.mark.parametrize("around", AROUND)
async def test_a_default_raises_no_limit_that_is_set_around_an_application(around: str, middleware: str) -> None:
    app = AROUND[around](inner_app(LAYERS[middleware]))
    sizes = {path: [(await post(app, f"/in{path}", size)).status for size in (900, 1100)] for path in PATHS}
    assert sizes == {path: [200, 413] for path in PATHS}


@pytest.mark.parametrize("middleware", LAYERS)
@pytest.mark.parametrize("around", AROUND)
async def test_what_an_inner_application_sets_counts_in_place_of_what_is_around_it(
    around: str, middleware: str
) -> None:
    app = AROUND[around](inner_app(LAYERS[middleware], max_body_size=2000))
    sizes = {path: [(await post(app, f"/in{path}", size)).status for size in (1900, 2100)] for path in PATHS}
    assert sizes == {path: [200, 413] for path in PATHS}


@pytest.mark.parametrize("middleware", LAYERS)
@pytest.mark.parametrize("path", PATHS)
async def test_a_smaller_limit_of_an_inner_application_counts(middleware: str, path: str) -> None:
    for outer in (App, lambda **options: App(middleware=[Middleware(nothing)], **options)):
        app = outer(routes=[Mount("/in", inner_app(LAYERS[middleware], max_body_size=500))])
        assert (await post(app, f"/in{path}", 400)).status == 200
        assert (await post(app, f"/in{path}", 600)).status == 413


@pytest.mark.parametrize("path", list(ENDPOINTS))
@pytest.mark.parametrize("middleware", LAYERS)
async def test_an_operation_with_a_smaller_limit_applies_it_even_if_the_body_was_read_before(
    middleware: str, path: str
) -> None:
    app = fill(App(middleware=LAYERS[middleware]), max_body_size=500)
    assert (await post(app, path, 400)).status == 200
    assert (await post(app, path, 600)).status == 413


@pytest.mark.parametrize("path", list(ENDPOINTS))
async def test_the_limit_of_a_mount_applies_to_a_router_in_it_and_overrides_the_application(path: str) -> None:
    app = App(max_body_size=5000, routes=[Mount("/in", fill(Router()), max_body_size=1000)])
    assert (await post(app, f"/in{path}", 900)).status == 200
    assert (await post(app, f"/in{path}", 1100)).status == 413
    larger = App(max_body_size=1000, routes=[Mount("/in", fill(Router()), max_body_size=5000)])
    assert (await post(larger, f"/in{path}", 4000)).status == 200


@pytest.mark.parametrize("path", list(ENDPOINTS))
async def test_the_limit_of_a_plain_application_counts_for_its_typed_routes(path: str) -> None:
    routes = [TypedRoute(path, ENDPOINTS[path], methods=["POST"])]
    for app in (
        Application(routes=routes, max_body_size=500),
        Application(routes=routes, limits=Limits(body_bytes=500)),
    ):
        assert (await post(app, path, 400)).status == 200
        assert (await post(app, path, 600)).status == 413


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("where", ["router", "include_router", "router that is mounted", "router in a router"])
async def test_the_limit_of_a_router_counts_for_all_that_is_in_it(where: str, path: str) -> None:
    limit = {"max_body_size": 500}
    router = Router(**({} if where == "include_router" else limit))  # type: ignore[arg-type]  # what it takes
    router.mount("/in", inner_app())
    app = App(openapi_url=None)
    if where == "router that is mounted":
        app.mount("", router)
    elif where == "router in a router":
        outer = Router()
        outer.include_router(router)
        app.include_router(outer)
    else:
        app.include_router(router, **(limit if where == "include_router" else {}))  # type: ignore[arg-type]
    fill(router)
    router.add_route("/plain", plain, methods=["POST"])
    for place in ("", "/in"):
        assert (await post(app, f"{place}{path}", 400)).status == 200
        assert (await post(app, f"{place}{path}", 600)).status == 413


async def test_of_nested_routers_the_innermost_limit_counts_for_plain_routes_too() -> None:
    inner, outer, app = Router(max_body_size=500), Router(max_body_size=100), App(max_body_size=50)
    inner.add_route("/plain", plain, methods=["POST"])
    outer.include_router(inner)
    outer.add_route("/outer", plain, methods=["POST"])
    app.include_router(outer, max_body_size=70)
    for path, size in (("/plain", 500), ("/outer", 100)):
        assert (await post(app, path, size)).status == 200
        assert (await post(app, path, size + 1)).status == 413


def part(name: str, size: int = 1, *, file: bool = False) -> bytes:
    filename = '; filename="f"' if file else ""
    return f'--cut\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n{"x" * size}\r\n'.encode()


FORMS = {
    "form_fields": (Limits(form_fields=2), [part("a")] * 3),
    "form_files": (Limits(form_files=2), [part("f", file=True)] * 3),
    "form_part_bytes": (Limits(form_part_bytes=20), [part("a", 21)]),
    "form_text_bytes": (Limits(form_text_bytes=20), [part("a", 15)] * 2),
}


def forms(**options: Any) -> App:
    app = App(**options)

    @app.post("/typed")
    async def typed(
        a: Annotated[list[str], Form()] = [],  # noqa: B006 - a copy for each request
        f: list[UploadFile] | None = None,
    ) -> None: ...

    @app.post("/by-hand")
    async def hand(request: Request) -> int:
        return len(await request.form())

    @app.post("/parts")
    async def parts(request: Request) -> int:
        return len([each async for each in request.parts()])

    async def read(request: Any) -> Any:
        return PlainTextResponse(str(len(await request.form())))

    app.add_route("/plain", read, methods=["POST"])
    return app


@pytest.mark.parametrize("path", ["/typed", "/by-hand", "/parts", "/plain"])
@pytest.mark.parametrize("middleware", ["direct", "plain middleware"])
@pytest.mark.parametrize("field", FORMS)
async def test_the_limits_of_forms_hold_inside_of_an_application_too(field: str, middleware: str, path: str) -> None:
    limits, parts = FORMS[field]
    request: dict[str, Any] = {"headers": [MULTIPART], "body": b"".join(parts) + b"--cut--\r\n"}
    inner = forms(middleware=LAYERS[middleware])
    for outer in (App, Application):
        app: Any = outer(limits=limits, routes=[Mount("/in", inner)])
        assert (await call(app, f"/in{path}", "POST", **request)).status in (400, 413)
        assert (await call(inner, path, "POST", **request)).status in (200, 204)
    own = {field: getattr(Limits(), field) + 0}
    sets = App(limits=limits, routes=[Mount("/in", forms(middleware=LAYERS[middleware], limits=Limits(**own)))])
    assert (await call(sets, f"/in{path}", "POST", **request)).status in (200, 204)


@pytest.mark.parametrize("middleware", ["direct", "plain middleware"])
async def test_the_limits_of_json_and_messages_hold_inside_of_an_application_too(middleware: str) -> None:
    inner = inner_app(LAYERS[middleware])

    @inner.websocket("/socket")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_text()

    app = App(limits=Limits(json_bytes=100, websocket_message_bytes=10), routes=[Mount("/in", inner)])
    assert (await post(app, "/in/json", 90)).status == 200
    assert (await post(app, "/in/json", 120)).status == 413
    response = await connect(app, "/in/socket", {"type": "websocket.receive", "text": "x" * 11})
    assert response.messages[-1]["code"] == 1009


LIMITED_FORMS: dict[str, Callable[[], Any]] = {
    "App": lambda: forms(form_limits={"max_fields": 2}),
    "mounted router": lambda: App(routes=[Mount("", _forms_router(form_limits={"max_fields": 2}))], openapi_url=None),
    "included router": lambda: _including(_forms_router(form_limits={"max_fields": 2})),
    "include_router": lambda: _including(_forms_router(), form_limits={"max_fields": 2}),
}


def _forms_router(**options: Any) -> Router:
    return Router(forms(openapi_url=None).routes, **options)


def _including(router: Router, **options: Any) -> App:
    app = App()
    app.include_router(router, **options)
    return app


@pytest.mark.parametrize("where", LIMITED_FORMS)
async def test_form_limits_of_a_router_or_an_application_count_for_plain_routes_too(where: str) -> None:
    app = LIMITED_FORMS[where]()
    for count, status in ((2, 200), (3, 400)):
        request: dict[str, Any] = {"headers": [MULTIPART], "body": part("a") * count + b"--cut--\r\n"}
        assert (await call(app, "/plain", "POST", **request)).status == status


@pytest.mark.parametrize("outer", ["App", "Router", "include_router"])
async def test_form_limits_of_several_levels_are_merged_by_key(outer: str) -> None:
    async def read(a: Annotated[list[str], Form()]) -> None: ...

    fields: Any = {"max_fields": 1}
    app = App(form_limits=fields if outer == "App" else None)
    router = Router(form_limits=fields if outer == "Router" else None)
    router.add_api_route("/", read, ["POST"], form_limits={"max_part_size": 100})
    app.include_router(router, form_limits=fields if outer == "include_router" else None)
    for parts, status in ([part("a")], 204), ([part("a")] * 2, 400), ([part("a", 101)], 413):
        body = b"".join(parts) + b"--cut--\r\n"
        assert (await call(app, "/", "POST", headers=[MULTIPART], body=body)).status == status


def test_only_what_was_set_itself_is_no_default() -> None:
    limits = Limits(json_bytes=2 * 1024 * 1024)
    assert limits == Limits()
    for same in (limits, copy.deepcopy(limits), pickle.loads(pickle.dumps(limits))):
        assert type(same.json_bytes) is int
        assert type(same.body_bytes) is DefaultLimit
    around = Limits(json_bytes=10, body_bytes=20, form_fields=5000)
    assert limits_within(limits, around) == Limits(body_bytes=20)
    assert limits_within(limits, None) is limits


@pytest.mark.parametrize("field", ["form_fields", "form_files", "form_part_bytes", "form_text_bytes", "worker_threads"])
def test_a_limit_without_which_nothing_works_cannot_be_lifted(field: str) -> None:
    with pytest.raises(TypeError, match=f"{field}=None"):
        Limits(**{field: None})  # type: ignore[arg-type]  # what is rejected


def test_form_limits_of_an_application_or_router_are_checked_where_they_are_given() -> None:
    for make in (App, Router, lambda **options: App().include_router(Router(), **options)):
        with pytest.raises(TypeError, match="write `max_fields`"):
            make(form_limits={"max_field": 3})  # type: ignore[operator]  # what is rejected

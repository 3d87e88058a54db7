"""`request_encodings=` of applications, routers and routes: every reader of a body gets the decoded one."""

import gzip
import json
from collections.abc import Callable
from typing import Annotated, Any

import brotli
import cloudpickle
import pytest
from pydantic import BaseModel

from signette import App, Body, Depends, File, Form, Header, Limits, Mount, Patch, Request, Router, TypedRoute
from signette.declarative.errors.base import SignatureError
from signette.exceptions import HTTPException
from signette.middleware import Middleware, compressors
from signette.middleware.base import BaseHTTPMiddleware
from signette.policies import Idempotent
from signette.responses.plain import PlainTextResponse
from signette.routing.route import Route
from tests.asgi import JSON, MULTIPART, URLENCODED, Exchange, call

pytestmark = pytest.mark.either_loop

GZIP = {"content-encoding": "gzip"}


class User(BaseModel):
    name: str
    age: int = 0


async def as_json(user: User) -> str:
    return user.name


def in_thread(user: User) -> str:
    return user.name


async def keyed(user: User, note: Annotated[str, Body()]) -> str:
    return user.name + note


async def patched(patch: Patch[User]) -> str:
    return str(patch.document["name"])


async def raw(body: Annotated[bytes, Body()]) -> str:
    return body.decode()


async def form(name: Annotated[str, Form()]) -> str:
    return name


async def upload(file: Annotated[bytes, File()]) -> str:
    return file.decode()


async def streamed(request: Request) -> str:
    return b"".join([chunk async for chunk in request.stream()]).decode()


async def request_and_json(request: Request, user: User) -> str:
    assert await request.json() == {"name": user.name}
    return user.name


async def text_of(request: Request) -> str:
    return (await request.body()).decode()


async def depends(text: Annotated[str, Depends(text_of)]) -> str:
    return text


FILE = b"--cut\r\nContent-Disposition: form-data; name=file; filename=f\r\n\r\nAda\r\n--cut--\r\n"
# An endpoint, a body, and its media type.
READERS: dict[str, tuple[Any, bytes, dict[str, str]]] = {
    "JSON": (as_json, b'{"name": "Ada"}', JSON),
    "JSON in a thread": (in_thread, b'{"name": "Ada"}', JSON),
    "several parameters": (keyed, b'{"user": {"name": "A"}, "note": "da"}', JSON),
    "patch": (patched, b'{"name": "Ada"}', JSON),
    "bytes": (raw, b"Ada", {}),
    "form": (form, b"name=Ada", URLENCODED),
    "file": (upload, FILE, MULTIPART),
    "stream": (streamed, b"Ada", {}),
    "request and JSON": (request_and_json, b'{"name": "Ada"}', JSON),
    "dependency": (depends, b"Ada", {}),
}


def routed(router: Any, endpoint: Any, **options: Any) -> Any:
    method = "PATCH" if endpoint is patched else "POST"
    router.add_api_route("/", endpoint, [method], **options)
    return router


def including(endpoint: Any, **options: Any) -> App:
    app = App()
    app.include_router(routed(Router(), endpoint), **options)
    return app


async def pass_on(request: Any, call_next: Any) -> Any:
    return await call_next(request)


class OwnRoute(TypedRoute):
    def get_route_handler(self) -> Any:
        original = super().get_route_handler()

        async def handler(request: Any) -> Any:
            return await original(request)

        return handler


PLACES: dict[str, Callable[..., Any]] = {
    "application": lambda endpoint, **own: routed(App(**own), endpoint),
    "application with middleware": lambda endpoint, **own: routed(
        App(**own, middleware=[Middleware(BaseHTTPMiddleware, dispatch=pass_on)]), endpoint
    ),
    "route": lambda endpoint, **own: routed(App(), endpoint, **own),
    "router": lambda endpoint, **own: App(routes=routed(Router(**own), endpoint).routes),
    "include_router": including,
    "nested": lambda endpoint, **own: App(routes=[Mount("", routed(App(**own), endpoint))], openapi_url=None),
    "outer application": lambda endpoint, **own: App(
        routes=[Mount("", routed(App(), endpoint))], openapi_url=None, **own
    ),
    "mounted router": lambda endpoint, **own: App(
        routes=[Mount("", routed(Router(**own), endpoint))], openapi_url=None
    ),
    "class of routes": lambda endpoint, **own: routed(App(route_class=OwnRoute, **own), endpoint),
}


async def sent(app: Any, endpoint: Any, body: bytes, headers: Any, **more: Any) -> Exchange:
    return await call(app, "/", "PATCH" if endpoint is patched else "POST", headers=headers, body=body, **more)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("place", PLACES)
async def test_each_reader_gets_the_decoded_body(place: str, reader: str) -> None:
    endpoint, body, headers = READERS[reader]
    app = PLACES[place](endpoint, request_encodings=["gzip", "br"])
    encoded = await sent(app, endpoint, gzip.compress(body), headers | GZIP)
    assert (encoded.status, encoded.text) == (200, "Ada")
    plain = await sent(app, endpoint, body, headers)
    assert (plain.status, plain.text) == (200, "Ada")


@pytest.mark.parametrize("reader", READERS)
async def test_each_reader_rejects_what_is_not_accepted_or_broken(reader: str) -> None:
    endpoint, body, headers = READERS[reader]
    app = routed(App(request_encodings=["gzip"]), endpoint)
    other = await sent(app, endpoint, brotli.compress(body), headers | {"content-encoding": "br"})
    assert (other.status, other["accept-encoding"], other["content-type"]) == (415, "gzip", "application/problem+json")
    assert (await sent(app, endpoint, gzip.compress(body)[:-2], headers | GZIP)).status == 400
    assert (await sent(app, endpoint, body, headers | GZIP)).status == 400


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("reader", ["JSON", "bytes", "stream", "request and JSON"])
async def test_limits_count_the_decoded_bytes(place: str, reader: str) -> None:
    endpoint, _, headers = READERS[reader]
    app = PLACES[place](endpoint, request_encodings=["gzip"], max_body_size=1000)
    response = await sent(app, endpoint, gzip.compress(b'{"name": "' + b"a" * 1000), headers | GZIP)
    assert (response.status, response.json["detail"]) == (413, "body exceeds 1000 bytes")


async def test_the_limit_of_a_route_counts_before_and_after_decoding() -> None:
    app = routed(App(request_encodings=["gzip"]), raw, max_body_size=100)
    assert (await call(app, "/", "POST", headers=GZIP, body=gzip.compress(b"a" * 100))).text == "a" * 100
    assert (await call(app, "/", "POST", headers=GZIP, body=gzip.compress(b"a" * 101))).status == 413
    members = gzip.compress(b"a") * 5  # 105 bytes
    assert (await call(app, "/", "POST", headers=GZIP, body=members)).status == 413


async def test_the_ratio_is_a_limit_of_the_application() -> None:
    body = gzip.compress(b"[" + b"1," * 600_000 + b"1]")

    async def numbers(numbers: list[int]) -> int:
        return len(numbers)

    for ratio, status in ((None, 200), (100, 413)):
        app = routed(App(request_encodings=["gzip"], limits=Limits(decompression_ratio=ratio)), numbers)
        assert (await call(app, "/", "POST", headers=JSON | GZIP, body=body)).status == status


async def test_plain_routes_and_mounts_decode_too() -> None:
    async def plain(request: Any) -> Any:
        return PlainTextResponse(await request.body())

    router = Router(routes=[Route("/inner", plain, methods=["POST"])], request_encodings=["br"])
    app = App(
        routes=[
            Route("/plain", plain, methods=["POST"]),
            Mount("/mount", routes=[Route("/", plain, methods=["POST"])]),
        ],
        request_encodings=["gzip"],
        openapi_url=None,
    )
    app.include_router(router)
    app.mount("/router", router)
    for path in ("/plain", "/mount/"):
        assert (await call(app, path, "POST", headers=GZIP, body=gzip.compress(b"body"))).text == "body"
    for path in ("/inner", "/router/inner"):
        response = await call(app, path, "POST", headers={"content-encoding": "br"}, body=brotli.compress(b"body"))
        assert response.text == "body"
        assert (await call(app, path, "POST", headers=GZIP, body=gzip.compress(b"body"))).status == 415


@pytest.mark.parametrize("middleware", [[], [Middleware(BaseHTTPMiddleware, dispatch=pass_on)]])
async def test_the_innermost_list_counts(middleware: Any) -> None:
    app = App(request_encodings=["gzip"], middleware=middleware)
    app.post("/off", request_encodings=[])(raw_length)
    app.post("/other", request_encodings=["br"])(raw_length)
    body = gzip.compress(b"body")
    assert (await call(app, "/off", "POST", headers=GZIP, body=body)).json == len(body)
    assert (await call(app, "/other", "POST", headers=GZIP, body=body))["accept-encoding"] == "br"
    headers = {"content-encoding": "br"}
    assert (await call(app, "/other", "POST", headers=headers, body=brotli.compress(b"body"))).json == 4


async def raw_length(body: Annotated[bytes, Body()]) -> int:
    return len(body)


async def test_guards_run_before_an_encoding_is_rejected() -> None:
    def reject() -> None:
        raise HTTPException(401)

    app = App(request_encodings=["gzip"])
    app.post("/", dependencies=[Depends(reject)])(raw)
    assert (await call(app, "/", "POST", headers={"content-encoding": "lz4"}, body=b"")).status == 401


async def test_an_exception_handler_reads_the_decoded_body() -> None:
    app = App(request_encodings=["gzip"])

    def fail() -> None:
        raise HTTPException(418)

    @app.exception_handler(418)
    async def handle(request: Any, exc: Any) -> Any:
        return PlainTextResponse(await request.body(), 418)

    app.post("/", dependencies=[Depends(fail)])(raw)
    response = await call(app, "/", "POST", headers=GZIP, body=gzip.compress(b"body"))
    assert (response.status, response.text) == (418, "body")


async def test_an_idempotent_request_may_be_repeated_in_another_encoding() -> None:
    app = App(request_encodings=["gzip", "br"])
    calls = []

    @app.post("/", policies=[Idempotent()])
    async def create(user: User) -> int:
        calls.append(user)
        return len(calls)

    body, headers = b'{"name": "Ada"}', JSON | {"idempotency-key": "1"}
    assert (await call(app, "/", "POST", headers=headers | GZIP, body=gzip.compress(body))).json == 1
    again = await call(app, "/", "POST", headers=headers | {"content-encoding": "br"}, body=brotli.compress(body))
    assert (again.json, len(calls)) == (1, 1)


async def test_an_operation_without_a_body_is_left_alone() -> None:
    app = App(request_encodings=["gzip"])

    @app.get("/")
    async def read() -> int:
        return 1

    assert (await call(app, headers={"content-encoding": "lz4"})).json == 1
    operation = app.openapi()["paths"]["/"]["get"]
    assert "parameters" not in operation
    assert list(operation["responses"]) == ["200"]


async def test_without_the_option_an_encoded_json_body_is_a_415() -> None:
    """It is recognized where it is no JSON, so that other requests pay nothing."""
    app = routed(App(), as_json)
    response = await call(app, "/", "POST", headers=JSON | GZIP, body=gzip.compress(b'{"name": "Ada"}'))
    assert (response.status, response["accept-encoding"]) == (415, "identity")
    assert response.json["detail"] == "unsupported Content-Encoding; expected a body without one"
    assert (await call(app, "/", "POST", headers=JSON, body=gzip.compress(b"{}"))).status == 400
    assert (await call(routed(App(), raw_length), "/", "POST", headers=GZIP, body=b"any bytes")).json == 9


def test_the_document_has_the_header_and_the_statuses() -> None:
    for version in ("3.1.0", "3.2.0"):
        app = App(openapi_version=version, request_encodings=["gzip", "br"])
        app.post("/json")(as_json)
        app.post("/raw")(raw)
        paths = app.openapi()["paths"]
        [header] = paths["/raw"]["post"]["parameters"]
        assert (header["name"], header["in"], header["required"]) == ("Content-Encoding", "header", False)
        assert header["schema"] == {"type": "string", "enum": ["gzip", "br"]}
        responses = paths["/raw"]["post"]["responses"]
        assert {"400", "413", "415"} <= responses.keys()
        assert list(responses["415"]["headers"]) == ["Accept-Encoding"]
        assert list(paths["/json"]["post"]["responses"]["415"]["headers"]) == ["Accept-Post", "Accept-Encoding"]


def test_webhooks_are_sent_and_decode_nothing() -> None:
    app = App(request_encodings=["gzip"], webhooks=routed(Router(request_encodings=["gzip"]), as_json))
    [operation] = app.openapi()["webhooks"].values()
    assert "parameters" not in operation["post"]


async def test_a_plan_can_be_pickled() -> None:
    app = cloudpickle.loads(cloudpickle.dumps(routed(App(request_encodings=["gzip"]), raw)))
    assert (await call(app, "/", "POST", headers=GZIP, body=gzip.compress(b"body"))).text == "body"


async def test_an_overridden_dependency_may_read_the_body() -> None:
    def nothing() -> str:
        return ""

    app = App(request_encodings=["gzip"])

    @app.post("/")
    async def endpoint(text: Annotated[str, Depends(nothing)]) -> str:
        return text

    with app.override(nothing, text_of):
        assert (await call(app, "/", "POST", headers=GZIP, body=gzip.compress(b"body"))).text == "body"


def test_a_library_that_is_not_installed_is_an_error_when_the_option_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressors, "load_brotli", lambda: None)
    for make in (lambda: App(request_encodings=["br"]), lambda: routed(App(), raw, request_encodings=["br"])):
        with pytest.raises(ImportError, match=r"pip install 'signette\[compression\]'"):
            make()


@pytest.mark.parametrize(
    ("value", "problem", "hint"),
    [
        ("gzip", '`request_encodings="gzip"` must be a list, got a string', 'write `request_encodings=["gzip"]`'),
        (["brotli"], "unknown encoding 'brotli' in `request_encodings=`", 'write "br"'),
        ([1], "unknown encoding 1 in `request_encodings=`", "use one of: br, zstd, gzip, deflate"),
        (
            3,
            '`request_encodings=` must be a list, such as `["gzip", "br"]`, got `int`',
            "fix the value, or remove the option",
        ),
    ],
)
def test_an_invalid_list_is_rejected_everywhere(value: Any, problem: str, hint: str) -> None:
    places: list[Callable[[], Any]] = [
        lambda: App(request_encodings=value),
        lambda: Router(request_encodings=value),
        lambda: App().include_router(Router(), request_encodings=value),
        lambda: routed(App(), raw, request_encodings=value),
    ]
    for make in places:
        with pytest.raises(SignatureError) as raised:
            make()
        assert (raised.value.problem, raised.value.hint) == (problem, hint)


def test_a_header_parameter_of_the_application_option_is_rejected_too() -> None:
    async def endpoint(body: Annotated[bytes, Body()], content_encoding: Annotated[str, Header()]) -> None: ...

    with pytest.raises(SignatureError, match="`content_encoding` reads `Content-Encoding`"):
        routed(App(request_encodings=["gzip"]), endpoint)


def test_explain_and_the_plan_as_json_have_the_encodings() -> None:
    app = routed(App(request_encodings=["gzip", "br"]), raw)
    assert "\n  request encodings: gzip, br\n" in app.explain("POST /")
    assert "request encodings" not in routed(App(), raw).explain("POST /")
    assert json.dumps("gzip") in json.dumps(app.routes[-1].plan.request_encodings)

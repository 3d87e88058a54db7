"""Parameters that are annotated with classes of Starlette and FastAPI get objects of these, with signette's state."""

import functools
import inspect
from collections.abc import AsyncIterator
from typing import Annotated, Any

import fastapi
import fastapi.security
import pytest
import starlette.background
import starlette.datastructures
import starlette.requests
import starlette.responses
import starlette.websockets

import signette
from signette.app import App
from signette.background import BackgroundTasks
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.depends import Depends, Security
from signette.limits import Limits
from signette.middleware import Middleware
from signette.middleware.sessions import SessionMiddleware
from signette.requests import Request
from signette.responses import Response
from signette.websockets import WebSocket
from tests.asgi import JSON, MULTIPART, call, connect

FORM = (
    b'--cut\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--cut\r\ncontent-disposition: form-data; name="f"; filename="n.txt"\r\ncontent-type: text/x\r\n\r\nhello\r\n'
    b"--cut--\r\n"
)


class OwnRequest(starlette.requests.Request):
    """A class that an application derives: as in FastAPI, it gets a plain request."""


CLASSES = {
    "request": (starlette.requests.Request, starlette.requests.Request),
    "fastapi's request": (fastapi.Request, starlette.requests.Request),
    "derived request": (OwnRequest, starlette.requests.Request),
    "request or None": (starlette.requests.Request | None, starlette.requests.Request),
    "connection": (starlette.requests.HTTPConnection, starlette.requests.HTTPConnection),
    "response": (starlette.responses.Response, starlette.responses.Response),
    "fastapi's response": (fastapi.Response, starlette.responses.Response),
    "derived response": (starlette.responses.JSONResponse, starlette.responses.Response),
    "tasks": (starlette.background.BackgroundTasks, starlette.background.BackgroundTasks),
    "fastapi's tasks": (fastapi.BackgroundTasks, fastapi.BackgroundTasks),
    "scopes": (fastapi.security.SecurityScopes, fastapi.security.SecurityScopes),
}


def taking(annotation: Any, default: Any = ...) -> Any:
    async def endpoint(v: Any) -> list[bool]:
        return [isinstance(v, cls) for _, cls in CLASSES.values()]

    endpoint.__annotations__["v"] = annotation
    if default is not ...:
        endpoint.__defaults__ = (default,)
    return endpoint


@pytest.mark.parametrize("name", CLASSES)
async def test_an_object_of_the_class_is_injected_into_every_callable(name: str) -> None:
    annotation, cls = CLASSES[name]
    position = [each for _, each in CLASSES.values()].index(cls)
    app, router = App(), signette.Router(dependencies=[Depends(taking(annotation))])
    app.get("/endpoint")(taking(annotation))

    @app.get("/dependency")
    async def dependency(found: Annotated[list[bool], Depends(taking(annotation))]) -> list[bool]:
        return found

    class Holder:
        def __init__(self, v: Any) -> None:
            self.found = [isinstance(v, cls)]

    Holder.__init__.__annotations__["v"] = annotation

    @app.get("/class")
    async def of_class(holder: Annotated[Holder, Depends()]) -> list[bool]:
        return holder.found * len(CLASSES)

    @router.get("/router")
    async def of_router() -> list[bool]:
        return [True] * len(CLASSES)

    app.include_router(router)
    for path in ("/endpoint", "/dependency", "/class", "/router"):
        assert (await call(app, path)).or_raise().json[position]


# -- requests ----------------------------------------------------------------------------------------------------------


async def test_a_request_has_the_facts_of_the_scope() -> None:
    app = App(middleware=[Middleware(SessionMiddleware, secret_key="k")])

    @app.get("/items/{n}", name="item")
    async def item(n: int, request: starlette.requests.Request) -> list[Any]:
        request.state.seen = True
        request.session["a"] = 1
        return [
            request.path_params, str(request.url_for("item", n=4)), request.query_params["q"], request.headers["x-a"],
            request.cookies["c"], request.method, request.app is app, request.scope["endpoint"] is item,
        ]  # fmt: skip

    headers = {"host": "a.org", "x-a": "b", "cookie": "c=d"}
    sent = await call(app, "/items/3", headers=headers, query_string=b"q=1")
    assert sent.or_raise().json == [{"n": "3"}, "http://a.org/items/4", "1", "b", "d", "GET", True, True]
    assert "session=" in sent.headers["set-cookie"]


async def test_all_callables_get_the_same_request_and_state() -> None:
    app, seen = App(), []

    async def first(request: fastapi.Request, own: Request) -> None:
        own.state.user = "ann"
        seen.append(request)

    @app.get("/")
    async def endpoint(request: starlette.requests.Request, done: Annotated[None, Depends(first)]) -> str:
        seen.append(request)
        return str(request.state.user)

    assert (await call(app)).text == "ann"
    assert seen[0] is seen[1]


@pytest.mark.parametrize("first", ["ours", "theirs"])
async def test_the_body_is_shared(first: str) -> None:
    app = App()

    async def read_theirs(request: starlette.requests.Request) -> bytes:
        return await request.body()

    async def read_own(request: Request) -> bytes:
        return await request.body()

    one, two = (read_own, read_theirs) if first == "ours" else (read_theirs, read_own)

    @app.post("/")
    async def endpoint(
        one: Annotated[bytes, Depends(one)],
        two: Annotated[bytes, Depends(two)],
        request: fastapi.Request,
        data: dict[str, int],
    ) -> list[Any]:
        streamed = b"".join([chunk async for chunk in request.stream()])
        return [one.decode(), two.decode(), streamed.decode(), await request.json(), data]

    sent = await call(app, "/", "POST", headers=JSON, body=[b'{"a"', b": 1}"])
    assert sent.or_raise().json == ['{"a": 1}', '{"a": 1}', '{"a": 1}', {"a": 1}, {"a": 1}]


async def test_a_body_is_streamed_as_it_arrives() -> None:
    app = App()

    @app.post("/")
    async def endpoint(request: starlette.requests.Request) -> list[str]:
        return [chunk.decode() async for chunk in request.stream()]

    assert (await call(app, "/", "POST", body=[b"a", b"b"])).json == ["a", "b", ""]


async def test_limits_hold_for_it() -> None:
    app = App()

    @app.post("/", max_body_size=3)
    async def endpoint(request: starlette.requests.Request) -> str:
        return (await request.body()).decode()

    assert (await call(app, "/", "POST", body=b"abc")).text == "abc"
    assert (await call(app, "/", "POST", body=b"abcd")).status == 413


@pytest.mark.parametrize("how", ["await", "with"])
async def test_a_form_has_uploaded_files_of_starlette(how: str) -> None:
    app, files = App(), []

    @app.post("/")
    async def endpoint(request: starlette.requests.Request) -> list[Any]:
        if how == "await":
            form = await request.form(max_files=3)
            return await shown(form)
        async with request.form() as form:
            return await shown(form)

    async def shown(form: Any) -> list[Any]:
        upload = form["f"]
        files.append(upload)
        assert isinstance(form, starlette.datastructures.FormData)
        assert isinstance(upload, starlette.datastructures.UploadFile)
        return [form["a"], upload.filename, upload.content_type, upload.size, (await upload.read()).decode()]

    sent = await call(app, "/", "POST", headers=MULTIPART, body=FORM)
    assert sent.or_raise().json == ["1", "n.txt", "text/x", 5, "hello"]
    assert files[0].file.closed


# -- responses and tasks -----------------------------------------------------------------------------------------------


async def test_header_fields_cookies_and_status_of_both_are_merged() -> None:
    app = App()

    def one(response: fastapi.Response) -> None:
        response.headers["x-a"] = "1"
        response.headers["x-twice"] = "first"
        response.set_cookie("theirs", "1")

    def two(response: Response) -> None:
        response.headers["x-b"] = "2"
        response.set_cookie("ours", "2")

    @app.get("/")
    async def endpoint(
        one: Annotated[None, Depends(one)], two: Annotated[None, Depends(two)], response: starlette.responses.Response
    ) -> list[Any]:
        before = response.status_code
        response.status_code = 202
        response.headers["x-twice"] = "second"
        del response.headers["x-b"]
        return [before, response.status_code]

    sent = await call(app)
    assert (sent.or_raise().status, sent.json) == (202, [None, 202])
    assert (sent.headers["x-a"], sent.all("x-twice"), sent["x-b"]) == ("1", ["second"], None)
    assert [each.partition("=")[0] for each in sent.all("set-cookie")] == ["theirs", "ours"]
    assert sent.all("content-length") == ["10"]


async def test_background_tasks_of_both_run_in_order() -> None:
    app, done = App(), []

    async def later(value: int) -> None:
        done.append(value)

    def one(tasks: fastapi.BackgroundTasks) -> None:
        tasks.add_task(done.append, 1)

    @app.get("/")
    async def endpoint(
        one: Annotated[None, Depends(one)], own: BackgroundTasks, tasks: starlette.background.BackgroundTasks
    ) -> int:
        own.add_task(later, 2)
        tasks.add_task(later, value=3)
        tasks.tasks.append(starlette.background.BackgroundTask(later, 4))
        return len(own.tasks)

    sent = await call(app)
    assert (sent.or_raise().json, done) == (4, [1, 2, 3, 4])


# -- files, scopes, WebSockets -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annotation", "default"),
    [
        (fastapi.UploadFile, ...),
        (starlette.datastructures.UploadFile, ...),
        (Annotated[fastapi.UploadFile, fastapi.File(description="d")], ...),
        (Annotated[fastapi.UploadFile, signette.File()], ...),
        (fastapi.UploadFile, fastapi.File()),
        (fastapi.UploadFile | None, None),
        (list[fastapi.UploadFile], ...),
        (Annotated[list[fastapi.UploadFile] | None, fastapi.File()], None),
    ],
)
async def test_uploaded_files_are_of_the_class(annotation: Any, default: Any) -> None:
    app, files = App(), []

    async def endpoint(f: Any) -> list[Any]:
        upload = f[0] if isinstance(f, list) else f
        files.append(upload)
        return [upload.filename, upload.content_type, upload.size, (await upload.read()).decode()]

    endpoint.__annotations__["f"] = annotation
    endpoint.__defaults__ = None if default is ... else (default,)
    app.post("/")(endpoint)
    sent = await call(app, "/", "POST", headers=MULTIPART, body=FORM)
    assert sent.or_raise().json == ["n.txt", "text/x", 5, "hello"]
    assert isinstance(files[0], starlette.datastructures.UploadFile)
    assert files[0].file.closed
    body = app.openapi()["paths"]["/"]["post"]["requestBody"]["content"]
    assert body.keys() == {"multipart/form-data"}


async def test_a_file_that_was_not_sent_is_its_default() -> None:
    app = App()

    @app.post("/")
    async def endpoint(
        g: fastapi.UploadFile | None = None, h: list[fastapi.UploadFile] = fastapi.File([])
    ) -> list[Any]:
        return [g, h]

    assert (await call(app, "/", "POST", headers=MULTIPART, body=FORM)).json == [None, []]


async def test_scopes_are_those_of_all_dependents() -> None:
    app = App()

    async def inner(scopes: fastapi.security.SecurityScopes) -> list[str]:
        assert scopes.scope_str == " ".join(scopes.scopes)
        return scopes.scopes

    async def outer(found: Annotated[list[str], Security(inner, scopes=["b"])]) -> list[str]:
        return found

    @app.get("/")
    async def endpoint(found: Annotated[list[str], Security(outer, scopes=["a"])]) -> list[str]:
        return found

    assert (await call(app)).json == ["a", "b"]


async def test_a_websocket_shares_its_state() -> None:
    app = App()

    async def accepted(websocket: WebSocket) -> None:
        await websocket.accept()

    @app.websocket("/{room}")
    async def talk(
        websocket: starlette.websockets.WebSocket,
        connection: starlette.requests.HTTPConnection,
        own: WebSocket,
        done: Annotated[None, Depends(accepted)],
    ) -> None:
        assert websocket.client_state is starlette.websockets.WebSocketState.CONNECTED
        assert connection.path_params == {"room": "blue"}
        await websocket.send_json({"room": websocket.path_params["room"]}, mode="binary")
        await own.send_text("ours")
        await websocket.close(4000)
        assert own.application_state is signette.websockets.WebSocketState.DISCONNECTED  # type: ignore[attr-defined]

    sent = await call(app, "/blue", kind="websocket")
    assert sent.or_raise().types == ["websocket.accept", "websocket.send", "websocket.send", "websocket.close"]
    assert sent.messages[-1]["code"] == 4000


async def test_a_disconnect_that_a_websocket_of_another_class_receives_is_known() -> None:
    app = App(limits=Limits(websocket_message_bytes=None))  # else `receive` is wrapped

    @app.websocket("/")
    async def talk(websocket: starlette.websockets.WebSocket) -> None:
        await websocket.accept()
        with pytest.raises(starlette.websockets.WebSocketDisconnect):
            await websocket.receive_text()

    # A server whose `send` does not raise after a disconnect: a close that comes too late is seen.
    older = {"version": "3.0", "spec_version": "2.3"}
    assert (await connect(app, asgi=older)).or_raise().types == ["websocket.accept"]


async def test_a_websocket_that_one_of_another_class_has_closed_is_not_closed_again() -> None:
    app = App(limits=Limits(websocket_message_bytes=None))  # else `receive` is wrapped

    @app.websocket("/")
    async def talk(websocket: starlette.websockets.WebSocket) -> None:
        await websocket.accept()
        await websocket.close(4000)

    assert (await call(app, kind="websocket")).or_raise().types == ["websocket.accept", "websocket.close"]


# -- what is rejected --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("annotation", [fastapi.WebSocket, starlette.websockets.WebSocket | None])
def test_a_websocket_in_an_http_endpoint_is_rejected(annotation: Any) -> None:
    with pytest.raises(SignatureError):
        App().get("/")(taking(annotation))


@pytest.mark.parametrize("annotation", [dict[str, fastapi.UploadFile], list[fastapi.Request], fastapi.Request | int])
def test_a_class_inside_of_another_type_is_rejected(annotation: Any) -> None:
    with pytest.raises(SignatureError):
        App().post("/")(taking(annotation))


def test_a_marker_on_an_injected_class_is_rejected() -> None:
    with pytest.raises(SignatureError):
        App().get("/")(taking(Annotated[fastapi.Request, fastapi.Query()]))


async def test_streams_of_an_endpoint_with_such_a_request_are_sent() -> None:
    app = App()

    @app.get("/")
    async def endpoint(request: starlette.requests.Request) -> AsyncIterator[str]:
        yield request.url.path

    assert (await call(app)).text == "/"


def for_both(endpoint: Any) -> Any:
    """Wrap an endpoint as packages do that inject into requests and WebSockets."""

    @functools.wraps(endpoint)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        request, websocket = kwargs.pop("_request", None), kwargs.pop("_websocket", None)
        return await endpoint(*args, **kwargs, kind=type(request or websocket).__name__)

    kind = inspect.Parameter.KEYWORD_ONLY
    own = [each for each in inspect.signature(endpoint).parameters.values() if each.name != "kind"]
    added = [
        inspect.Parameter("_request", kind, annotation=starlette.requests.Request),
        inspect.Parameter("_websocket", kind, annotation=starlette.websockets.WebSocket),
    ]
    wrapper.__signature__ = inspect.Signature([*own, *added])  # type: ignore[attr-defined]
    return wrapper


async def test_a_wrapper_for_both_protocols_gets_the_one_that_is_there() -> None:
    app = App()

    @app.get("/{n}")
    @for_both
    async def endpoint(n: int, kind: str) -> str:
        return f"{n} {kind}"

    @app.websocket("/{n}")
    @for_both
    async def talk(n: int, kind: str) -> None:
        assert (n, kind) == (3, "WebSocket")

    assert (await call(app, "/3")).text == "3 Request"
    assert (await call(app, "/3", kind="websocket")).error is None


async def test_a_default_is_kept_for_the_other_protocol() -> None:
    app = App()

    @app.get("/")
    async def endpoint(websocket: fastapi.WebSocket = None, request: fastapi.Request = None) -> list[bool]:  # type: ignore[assignment]
        return [websocket is None, request is None]

    assert (await call(app)).json == [True, False]

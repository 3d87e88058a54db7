"""The documented API exists: each class, method, argument and property of the texts that the toolkit was written to.

The tables were copied by hand from the texts. A signature may have more than they say, behind what they say and with
defaults; nothing of theirs may be missing, be named otherwise, stand elsewhere or mean something else when left out.
"""

import inspect
from importlib import import_module
from typing import Any

import pytest

from signette.background import BackgroundTask, BackgroundTasks
from signette.datastructures import URL, Address, FormData, Headers, MutableHeaders, QueryParams, State, UploadFile
from signette.requests import HTTPConnection, Request
from signette.responses import FileResponse, Response

SEND_FILE = "path, status_code=200, headers=None, media_type=None, background=None, filename=None, stat_result=None"
SET_COOKIE = (
    "self, key, value='', max_age=None, expires=None, path='/', domain=None, secure=False, httponly=False,"
    " samesite='lax'"
)
DELETE_COOKIE = "self, key, path='/', domain=None, secure=False, httponly=False, samesite='lax'"
CONTENT = "content=None, status_code=200, headers=None, media_type=None, background=None"

# "module:name" -> its arguments. `...` is a default that is not documented, or is documented as its own object.
SIGNATURES = {
    # applications
    "applications:Application.add_route": "self, path, route, methods=None, name=None, include_in_schema=True",
    "routing:Router.add_route": "self, path, endpoint, methods=None, name=None, include_in_schema=True",
    "routing:Router.add_websocket_route": "self, path, endpoint, name=None",
    # requests
    "requests:HTTPConnection": "scope, receive=None",
    "requests:HTTPConnection.__getitem__": "self, key",
    "requests:HTTPConnection.__iter__": "self",
    "requests:HTTPConnection.__len__": "self",
    "requests:HTTPConnection.url_for": "self, name, /, **path_params",
    "requests:Request": "scope, receive=..., send=...",
    "requests:Request.stream": "self",
    "requests:Request.body": "self",
    "requests:Request.json": "self",
    "requests:Request.form": "self, *, max_files=..., max_fields=..., max_part_size=...",
    "requests:Request.close": "self",
    "requests:Request.is_disconnected": "self",
    "requests:Request.send_push_promise": "self, path",
    "requests:Request.url_for": "self, name, /, **path_params",
    # responses
    "responses:Response": CONTENT,
    "responses:Response.render": "self, content",
    "responses:Response.init_headers": "self, headers=None",
    "responses:Response.set_cookie": f"{SET_COOKIE}, partitioned=False",
    "responses:Response.delete_cookie": DELETE_COOKIE,
    "responses:JSONResponse": CONTENT,
    "responses:JSONResponse.render": "self, content",
    "responses:PlainTextResponse": CONTENT,
    "responses:HTMLResponse": CONTENT,
    "responses:RedirectResponse": "url, status_code=307, headers=None, background=None",
    "responses:StreamingResponse": "content, status_code=200, headers=None, media_type=None, background=None",
    "responses:StreamingResponse.listen_for_disconnect": "self, receive",
    "responses:StreamingResponse.stream_response": "self, send",
    "responses:FileResponse": f"{SEND_FILE}, method=None, content_disposition_type='attachment'",
    "responses:FileResponse.set_stat_headers": "self, stat_result",
    "responses:FileResponse.is_not_modified": "response_headers, request_headers",
    # what a request is made of
    "datastructures:State": "state=None",
    "datastructures:UploadFile.write": "self, data",
    "datastructures:UploadFile.read": "self, size=-1",
    "datastructures:UploadFile.seek": "self, offset",
    "datastructures:UploadFile.close": "self",
    "datastructures:QueryParams.getlist": "self, key",
    "datastructures:FormData.getlist": "self, key",
    "datastructures:Headers.getlist": "self, key",
    "background:BackgroundTask": "func, *args, **kwargs",
    "background:BackgroundTasks": "tasks=None",
    "background:BackgroundTasks.add_task": "self, func, *args, **kwargs",
    # routes and middleware
    "routing:Route": "path, endpoint",
    "exceptions:HTTPException": "status_code, detail=None, headers=None",
    "middleware:Middleware": "cls, *args, **kwargs",
    "middleware.base:BaseHTTPMiddleware": "app, dispatch=None",
    "middleware.base:BaseHTTPMiddleware.dispatch": "self, request, call_next",
    "applications:Application": "debug=False, routes=None, middleware=None, exception_handlers=None",
}

PROPERTIES = {
    HTTPConnection: (
        "url", "base_url", "headers", "query_params", "path_params", "cookies", "client", "session", "auth", "user",
        "state",
    ),
    Request: (
        "method", "url", "base_url", "headers", "query_params", "path_params", "cookies", "client", "session", "auth",
        "user", "state", "receive", "app",
    ),
    URL: ("scheme", "netloc", "path", "query", "hostname", "port", "is_secure"),
    UploadFile: ("filename", "content_type", "file", "headers", "size"),
    Address: ("host", "port"),
}  # fmt: skip

COROUTINES = (
    "requests:Request.body", "requests:Request.json", "requests:Request.close", "requests:Request.is_disconnected",
    "requests:Request.send_push_promise", "responses:StreamingResponse.listen_for_disconnect",
    "responses:StreamingResponse.stream_response", "datastructures:UploadFile.write", "datastructures:UploadFile.read",
    "datastructures:UploadFile.seek", "datastructures:UploadFile.close", "middleware.base:BaseHTTPMiddleware.dispatch",
)  # fmt: skip

IMPORTS = {
    "requests": "Request HTTPConnection ClientDisconnect",
    "datastructures": "URL Headers QueryParams FormData State Address MutableHeaders UploadFile",
    "types": "Scope Receive Send",
    "background": "BackgroundTask BackgroundTasks",
    "responses": (
        "Response JSONResponse PlainTextResponse HTMLResponse RedirectResponse StreamingResponse FileResponse"
        " SyncContentStream AsyncContentStream ContentStream"
    ),
    "routing": "Route",
    "exceptions": "HTTPException",
    "middleware": "Middleware",
}


def found(place: str) -> Any:
    module, _, path = place.partition(":")
    value: Any = import_module(f"signette.{module}")
    for name in path.split("."):
        value = getattr(value, name)
    return value


@pytest.mark.parametrize("place", SIGNATURES)
def test_a_signature_is_as_documented(place: str) -> None:
    documented = list(inspect.signature(eval(f"lambda {SIGNATURES[place]}: None")).parameters.values())
    actual = list(inspect.signature(found(place)).parameters.values())
    for wanted, one in zip(documented, actual, strict=False):
        assert one.name == wanted.name or wanted.kind in {wanted.VAR_POSITIONAL, wanted.VAR_KEYWORD}
        assert one.kind == wanted.kind
        if wanted.default is not ...:
            assert one.default == wanted.default
        else:
            assert one.default is not one.empty
    assert len(actual) >= len(documented)
    for more in actual[len(documented) :]:
        assert more.default is not more.empty or more.kind in {more.VAR_POSITIONAL, more.VAR_KEYWORD}


@pytest.mark.parametrize("cls", PROPERTIES)
def test_properties_are_as_documented(cls: type) -> None:
    missing = [name for name in PROPERTIES[cls] if not hasattr(cls, name)]
    assert missing == []


@pytest.mark.parametrize("place", COROUTINES)
def test_documented_coroutines_are_coroutines(place: str) -> None:
    assert inspect.iscoroutinefunction(found(place))


@pytest.mark.parametrize("module", IMPORTS)
def test_names_are_where_they_are_documented(module: str) -> None:
    missing = [name for name in IMPORTS[module].split() if not hasattr(import_module(f"signette.{module}"), name)]
    assert missing == []


def test_a_response_has_the_documented_attributes() -> None:
    task = BackgroundTask(print)
    response = Response("text", 201, {"x": "y"}, "text/x", task)
    assert response.status_code == 201
    assert isinstance(response.headers, MutableHeaders)
    assert response.headers["x"] == "y"
    assert response.media_type == "text/x"
    assert response.charset == "utf-8"
    assert response.background is task
    assert response.body == b"text"


def test_classes_have_the_media_types_that_are_documented() -> None:
    media_types = {"JSONResponse": "application/json", "PlainTextResponse": "text/plain", "HTMLResponse": "text/html"}
    for name, media_type in media_types.items():
        assert found(f"responses:{name}").media_type == media_type
    assert FileResponse.chunk_size == 64 * 1024


def test_json_is_rendered_as_documented() -> None:
    render = found("responses:JSONResponse")({}).render
    assert render({"a": [1, "é", None]}) == '{"a":[1,"é",null]}'.encode()
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        render(float("nan"))


def test_values_are_of_the_types_that_are_documented() -> None:
    request = Request(
        {"type": "http", "method": "GET", "path": "/a", "headers": [], "client": ("h", 1), "query_string": b""}
    )
    types = {"url": URL, "base_url": URL, "headers": Headers, "query_params": QueryParams, "path_params": dict}
    types |= {"cookies": dict, "client": Address, "state": State}
    assert {name: type(getattr(request, name)) for name in types} == types
    assert issubclass(FormData, type(request.query_params).__mro__[1])
    assert issubclass(BackgroundTasks, BackgroundTask)
    assert isinstance(inspect.getattr_static(FileResponse, "is_not_modified"), staticmethod)

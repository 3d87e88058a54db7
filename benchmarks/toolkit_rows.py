"""The rows of the toolkit's table: an application, and what it is asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks import toolkit_apps as apps
from benchmarks.toolkit_apps import Files, Kit
from benchmarks.workloads import FORM, JSON, Scope, Workload

Message = dict[str, Any]

MANY_MESSAGES = 100


@dataclass(frozen=True)
class Row:
    """One line of the table. Both packages must give the status that `request` says, and the same body.

    `arriving`: what the client of a WebSocket sends. `revalidates`: the request has the ETag of the first response.
    `spec_version` is the server's: from 2.4 on `send` reports a client disconnect; before only `receive`, for which a
    stream needs another task.
    """

    name: str
    build: Callable[[Kit, Files], Any]
    request: Workload
    websocket: bool = False
    arriving: tuple[Message, ...] = ()
    revalidates: bool = False
    spec_version: str = "2.3"

    def scope(self) -> Scope:
        """A fresh scope, as the server makes it."""
        scope = self.request.scope()
        scope["asgi"]["spec_version"] = self.spec_version
        if self.websocket:
            del scope["method"]
            scope |= {"type": "websocket", "scheme": "ws", "subprotocols": []}
        return scope

    def messages(self) -> list[Message]:
        """What `receive` gives; then it waits, as the server's does while the client stays."""
        if not self.websocket:
            return [{"type": "http.request", "body": self.request.body, "more_body": False}]
        # Copies, as a server makes new messages for each connection.
        end = {"type": "websocket.disconnect", "code": 1000, "reason": ""}
        return [{"type": "websocket.connect"}, *(message.copy() for message in self.arriving), end]

    def with_tag(self, tag: str) -> "Row":
        """The same row, for a client that has the content of that entity tag."""
        fields = (*self.request.headers, (b"if-none-match", tag.encode()))
        return replace(self, request=replace(self.request, headers=fields), revalidates=False)


@dataclass
class Received:
    """What was sent for one request."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""
    texts: list[str | bytes] = field(default_factory=list)


def get(name: str, path: str = "/", **facts: Any) -> Workload:
    return Workload(name, "GET", path, None, **facts)


def post(name: str, content_type: tuple[bytes, bytes], body: bytes) -> Workload:
    return Workload(name, "POST", "/", None, headers=(content_type,), body=body)


_JSON_BODY = b'{"id":7,"name":"Ann","tags":["a","b","c"],"address":{"street":"Main 1","city":"Bonn"},"active":true}'
_FORM_BODY = b"username=ann&password=correct+horse%21&remember=true"
_UPLOAD_BODY = b"\r\n".join(
    [
        b"--boundary",
        b'Content-Disposition: form-data; name="title"',
        b"",
        b"A picture",
        b"--boundary",
        b'Content-Disposition: form-data; name="file"; filename="picture.png"',
        b"Content-Type: image/png",
        b"",
        bytes(range(256)) * 40,
        b"--boundary--",
        b"",
    ]
)
_MULTIPART = (b"content-type", b"multipart/form-data; boundary=boundary")
_COOKIES = (b"cookie", b"theme=dark; session=a1b2c3d4; lang=en")


def _among(count: int) -> Iterator[Row]:
    """What a search among so many routes may come to."""
    build = apps.routes(count)
    for place, path in (("first", "/part-0/7"), ("last", f"/part-{count - 1}/7")):
        yield Row(f"{count} routes, {place}", build, get("search", path))
    yield Row(f"{count} routes, 404", build, get("search", "/nowhere/7", status=404))
    wrong = Workload("search", "DELETE", f"/part-{count // 2}/7", None, status=405)
    yield Row(f"{count} routes, 405", build, wrong)


def _messages(kind: str, count: int) -> tuple[Message, ...]:
    values = (f'{{"number":{n}}}' for n in range(count))
    return tuple({"type": "websocket.receive", kind: value if kind == "text" else value.encode()} for value in values)


def _echo(name: str, build: Callable[[Kit, Files], Any], kind: str = "text") -> Iterator[Row]:
    """One message, which shows what a connection costs, and many."""
    for count, named in ((1, "1 message"), (MANY_MESSAGES, f"{MANY_MESSAGES} messages")):
        request = get("echo", status=101)
        yield Row(f"WebSocket echo, {name}, {named}", build, request, websocket=True, arriving=_messages(kind, count))


ROWS = (
    Row("minimal response, prebuilt", apps.prebuilt, get("minimal")),
    Row("minimal response, prebuilt JSON", apps.prebuilt_json, get("minimal")),
    Row("minimal response, constructed", apps.constructed, get("minimal")),
    Row("minimal response, constructed JSON", apps.constructed_json, get("minimal")),
    Row("minimal response, route", apps.bare_route, get("minimal")),
    Row("plain text", apps.minimal, get("plain")),
    Row("JSON in, JSON out", apps.json, post("json", JSON, _JSON_BODY)),
    Row("urlencoded form", apps.form, post("form", FORM, _FORM_BODY)),
    Row("multipart form, file of 10 KiB", apps.upload, post("upload", _MULTIPART, _UPLOAD_BODY)),
    Row("headers, query, cookies, url", apps.attributes, get("read", query=b"page=2&sort=name", headers=(_COOKIES,))),
    Row("set_cookie, twice", apps.cookies, get("cookies")),
    Row("response.headers, six changes", apps.headers, get("headers")),
    Row("file of 1 KiB", apps.small_file, get("file")),
    Row("file of 10 MiB", apps.large_file, get("file")),
    Row(
        "file, a range of 1 KiB",
        apps.large_file,
        get("file", headers=((b"range", b"bytes=5000000-5001023"),), status=206),
    ),
    Row("static file of 1 KiB", apps.static, get("static", "/static/small.txt")),
    Row("static file, 304", apps.static, get("static", "/static/small.txt", status=304), revalidates=True),
    Row("async stream, 100 pieces", apps.async_stream, get("stream")),
    Row("async stream, ASGI 2.4", apps.async_stream, get("stream"), spec_version="2.4"),
    Row("sync stream, 100 pieces", apps.sync_stream, get("stream")),
    Row("sync stream, ASGI 2.4", apps.sync_stream, get("stream"), spec_version="2.4"),
    *_among(10),
    *_among(100),
    *_among(500),
    Row("1 middleware, BaseHTTPMiddleware", apps.dispatching(1), get("layers")),
    Row("3 middleware, BaseHTTPMiddleware", apps.dispatching(3), get("layers")),
    Row("5 middleware, pure ASGI", apps.asgi_layers, get("layers")),
    Row("5 middleware, BaseHTTPMiddleware", apps.dispatching(5), get("layers")),
    Row("gzip", apps.gzip, get("gzip")),
    Row("WebSocket, 10 messages", apps.echo, get("echo", status=101), websocket=True, arriving=_messages("text", 10)),
    *_echo("text", apps.echo_text),
    *_echo("bytes", apps.echo_bytes, "bytes"),
    *_echo("iter_text", apps.echo),
    *_echo("JSON", apps.echo_json),
)

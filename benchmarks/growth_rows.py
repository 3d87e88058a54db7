"""The rows of `benchmarks.growth`: an application, and a request, at 1, 10 and 100 times a size."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from benchmarks import growth_apps as apps
from benchmarks.models import make_user
from benchmarks.toolkit_rows import get, post
from benchmarks.workloads import FORM, JSON, Scope, Workload

Message = dict[str, Any]

MULTIPART = (b"content-type", b"multipart/form-data; boundary=boundary")
BYTES = (b"content-type", b"application/octet-stream")
MANY = (10, 100, 1000)
FEW = (1, 10, 100)
KIB = 1024
LARGE = (100 * KIB, 1000 * KIB, 10_000 * KIB)


@dataclass(frozen=True)
class Row:
    """One line of the table.

    `power` is how time grows with the size at most: 0 is not at all, 1 is linearly. `holds` is the same for the most
    memory of a request. `starts`: another row says what the application takes from its construction to the first
    response, and the memory that it holds then.
    """

    name: str
    sizes: tuple[int, int, int]
    build: apps.Build
    request: Callable[[int], Workload]
    peer: str = "fastapi"
    power: float = 1.0
    holds: float = 1.0
    starts: bool = False
    websocket: bool = False

    @property
    def packages(self) -> tuple[str, str]:
        return ("signette", self.peer)


class Case:
    """A request of a row in one size, as the drivers of `benchmarks.toolkit` take it."""

    def __init__(self, row: Row, size: int) -> None:
        self.row, self.size = row, size
        self.request = row.request(size)
        body = self.request.body
        self._pieces = [body[at : at + apps.CHUNK] for at in range(0, len(body), apps.CHUNK)] or [b""]

    def scope(self) -> Scope:
        scope = self.request.scope()
        if self.row.websocket:
            del scope["method"]
            scope |= {"type": "websocket", "scheme": "ws", "subprotocols": []}
        return scope

    def messages(self) -> list[Message]:
        if self.row.websocket:
            texts = [{"type": "websocket.receive", "text": f"message {number}"} for number in range(self.size)]
            return [{"type": "websocket.connect"}, *texts, {"type": "websocket.disconnect", "code": 1000, "reason": ""}]
        last = len(self._pieces) - 1
        return [
            {"type": "http.request", "body": piece, "more_body": number < last}
            for number, piece in enumerate(self._pieces)
        ]


def pairs(count: int, name: str = "p%d") -> bytes:
    return b"&".join(b"%b=%d" % ((name % number if "%" in name else name).encode(), number) for number in range(count))


def multipart(count: int) -> bytes:
    part = b'--boundary\r\nContent-Disposition: form-data; name="p%d"\r\n\r\n%d\r\n'
    return b"".join(part % (number, number) for number in range(count)) + b"--boundary--\r\n"


def upload(size: int) -> bytes:
    head = b'--boundary\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    return head + bytes(range(256)) * (size // 256) + b"\r\n--boundary--\r\n"


def users(count: int, *, valid: bool = True) -> bytes:
    made = [make_user(number + 1).model_dump() for number in range(count)]
    return orjson.dumps([user if valid else user | {"age": -1} for user in made])


def levels(depth: int) -> bytes:
    value: dict[str, Any] = {"value": 1}
    for _ in range(1, depth):
        value = {"inner": value, "value": 1}
    return orjson.dumps(value)


def invalid(count: int) -> Workload:
    return Workload("invalid", "POST", "/", None, headers=(JSON,), body=users(count, valid=False), status=422)


ROWS = (
    Row(
        "routes, the last of them",
        MANY,
        apps.typed_routes,
        lambda size: get("route", f"/part-{size - 1}/7"),
        power=0.0,
        holds=0.0,
        starts=True,
    ),
    Row(
        "routes, plain",
        MANY,
        apps.plain_routes,
        lambda size: get("route", f"/part-{size - 1}/7"),
        peer="starlette",
        power=0.0,
        holds=0.0,
        starts=True,
    ),
    Row("dependencies, a chain", FEW, apps.chain, lambda size: get("deps"), starts=True),
    Row("dependencies, flat", FEW, apps.flat, lambda size: get("deps"), starts=True),
    Row("query parameters", FEW, apps.query, lambda size: get("query", query=pairs(size)), starts=True),
    Row("query parameter, a list", MANY, apps.query_list, lambda size: get("query", query=pairs(size, "ids"))),
    Row("query string, plain", MANY, apps.plain_query, lambda size: get("query", query=pairs(size)), peer="starlette"),
    Row(
        "cookies, plain",
        FEW,
        apps.cookies,
        lambda size: get("cookies", headers=((b"cookie", pairs(size).replace(b"&", b"; ")),)),
        peer="starlette",
    ),
    Row("JSON body, a list of models", MANY, apps.models, lambda size: post("models", JSON, users(size))),
    Row("JSON body, invalid models", FEW, apps.models, invalid),
    Row("JSON response, a list of models", MANY, apps.models_out, lambda size: get("models")),
    Row("models, nested", FEW, apps.nested, lambda size: post("levels", JSON, levels(size)), starts=True),
    Row("form, a list", MANY, apps.form_list, lambda size: post("form", FORM, pairs(size, "ids"))),
    Row("form, a model", MANY, apps.form_model, lambda size: post("form", FORM, pairs(size)), starts=True),
    Row("form, plain", MANY, apps.plain_form, lambda size: post("form", FORM, pairs(size)), peer="starlette"),
    Row(
        "multipart fields, plain",
        MANY,
        apps.plain_form,
        lambda size: post("form", MULTIPART, multipart(size)),
        peer="starlette",
    ),
    Row(  # a file of more than 1 MiB is on disk, so that the last step is more than linear, once
        "upload, bytes",
        LARGE,
        apps.typed_upload,
        lambda size: post("upload", MULTIPART, upload(size)),
        power=1.75,
        holds=0.0,
    ),
    Row("body, bytes, plain", LARGE, apps.body, lambda size: post("body", BYTES, bytes(size)), peer="starlette"),
    Row(
        "request stream, bytes, plain",
        LARGE,
        apps.stream_in,
        lambda size: post("stream", BYTES, bytes(size)),
        peer="starlette",
        holds=0.0,
    ),
    Row("response stream, chunks, plain", MANY, apps.stream_out, lambda size: get("s"), peer="starlette", holds=0.0),
    Row(
        "gzip, bytes, plain",
        (10 * KIB, 100 * KIB, 1000 * KIB),
        apps.compressed,
        lambda size: get("gzip"),
        peer="starlette",
    ),
    Row("pure ASGI middleware", FEW, apps.asgi_layers, lambda size: get("layers"), peer="starlette"),
    Row("BaseHTTPMiddleware", FEW, apps.dispatch_layers, lambda size: get("layers"), peer="starlette"),
    Row(
        "WebSocket messages, plain",
        MANY,
        apps.echo,
        lambda size: get("echo", status=101),
        peer="starlette",
        holds=0.0,
        websocket=True,
    ),
)

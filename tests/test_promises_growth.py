"""Twice the input is about twice the work, for any request: counted, not timed.

Work is each line that runs and each call into C, of signette and of what it uses. What happens inside one call into C,
such as a regular expression, needs a clock: `_http/test_growth.py` has one, and so have the expressions of paths here.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from time import process_time
from typing import Any

import pytest

from signette._http.conditional import parse_entity_tags, parse_http_date
from signette._http.cookies import parse_cookies
from signette._http.encodings import prefers_encoding
from signette._http.media import parse_content_disposition, parse_media_type
from signette._http.query import parse_pairs
from signette._http.ranges import RangeNotSatisfiable, parse_ranges
from signette.app import App
from signette.applications import Application
from signette.datastructures import URL, Headers, QueryParams
from signette.exceptions import HTTPException
from signette.formparsers import FormParser, MultiPartException, MultiPartParser
from signette.limits import Limits
from signette.requests import Request
from signette.responses import JSONResponse, Response
from signette.routing import Mount, Route, Router
from tests.tracing import traced

pytestmark = pytest.mark.thorough

SMALL = 400
MULTIPART = {"content-type": "multipart/form-data; boundary=x"}
DISPOSITION = b'Content-Disposition: form-data; name="a"'


def work_of(function: Callable[[], object]) -> int:
    """How many lines run, and how many calls into C are made."""
    count = 0

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "c_call"

    traced(function, trace=trace, profile=profile)
    return count


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")


class Chunks(AsyncIterator[bytes]):
    """A body in pieces that are there."""

    def __init__(self, body: bytes, size: int) -> None:
        self._pieces = iter([body[at : at + size] for at in range(0, len(body), size)])

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration


def form(body: bytes, size: int = 64 * 1024) -> None:
    """A multipart form, without limits that would end the work early."""
    unbound = {"max_files": 1e9, "max_fields": 1e9, "max_part_size": 1 << 40, "max_text_size": 1 << 40}
    with contextlib.suppress(MultiPartException):
        run(run(MultiPartParser(MULTIPART, Chunks(body, size), **unbound).parse()).close())


def parts(body: bytes, size: int = 64 * 1024) -> None:
    """The same, part by part."""

    async def receive() -> Any:
        piece = await anext(chunks, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def read() -> None:
        limits = Limits(form_text_bytes=1 << 40)
        scope = {"type": "http", "headers": [(b"content-type", MULTIPART["content-type"].encode())]}
        request = Request({**scope, "signette.limits": limits}, receive)
        async for part in request.parts(max_files=1e9, max_fields=1e9, max_part_size=1 << 40):
            await part.read()

    chunks = Chunks(body, size)
    with contextlib.suppress(HTTPException):
        run(read())


def urlencoded(body: bytes, size: int) -> None:
    """An urlencoded form in chunks, with low limits, so that each field is counted."""
    run(FormParser({}, Chunks(body, size), max_fields=1e9, max_part_size=100, max_text_size=1 << 40).parse())


def ranges(text: str, most: int) -> None:
    with contextlib.suppress(RangeNotSatisfiable):
        parse_ranges(text, 1 << 40, most)


# --- whole requests


async def everything(request: Request) -> Response:
    """Read all attributes of a request."""
    return JSONResponse(
        {
            "url": str(request.url),
            "base": str(request.base_url),
            "query": request.query_params.multi_items(),
            "one": dict(request.query_params),
            "headers": dict(request.headers),
            "pairs": request.headers.items(),
            "cookies": request.cookies,
            "path": request.path_params,
        }
    )


plain = Application(
    routes=[
        Route("/files/{name}/{rest:path}", everything),
        Route("/{a}-{b}-{c}/x", everything),
        Route("/{a}-{b}-{c}.json", everything),
        Route("/{first:path}-{second}.json", everything),
        Route("/{first:path}/{second:path}/end", everything),
        Mount("/mounted", Router([Route("/{rest:path}", everything)])),
        Route("/slash/{rest:path}/", everything),
    ]
)
several = Application(
    routes=[
        Route(template, everything)
        for template in (
            "/{scope:path}@{version}/{file}",
            "/{name}_{rest:path}!",
            "/{project:path}/blob/{ref:path}/raw/{file:path}!",
            "/{a:path}/x/{b:path}/y/{c:path}",
            "/{a:int}{b:int}{c:int}",
            "/{a:float}{b:float}",
            "/{a:path}{b:uuid}{c:path}",
        )
    ]
)
typed = App(limits=Limits(path_bytes=None, query_params=None, query_bytes=None, header_fields=None, header_bytes=None))
typed.get("/files/{name}/{rest:path}")(everything)


@typed.get("/list")
async def listed(i: str = "") -> str:
    return i


def ask(app: Any, path: str, query: bytes = b"", headers: list[tuple[bytes, bytes]] | None = None) -> None:
    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        pass

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query,
        "headers": headers or [(b"host", b"example.org")],
        "http_version": "1.1",
    }
    run(app(scope, receive, send))


def both(path: str = "/files/a/b", query: bytes = b"", headers: list[tuple[bytes, bytes]] | None = None) -> None:
    ask(plain, path, query, headers)
    ask(typed, path, query, headers)


def fields(n: int) -> list[tuple[bytes, bytes]]:
    return [(b"x-%d" % number, b"y") for number in range(n)]


PARSERS: dict[str, Callable[[int], object]] = {
    # path and routing
    "a path of many pieces": lambda n: both("/files" + "/a" * n),
    "a path of slashes": lambda n: both("/" * n),
    "a path that fits nearly": lambda n: both("/" + "a-" * n + "/y"),
    "a path that fits nearly in many ways": lambda n: both("/a" * n + "/endless"),
    "a path of dashes": lambda n: both("/" + "a-" * n),
    "a path of dashes below others": lambda n: both("/a/" + "a-" * n),
    "a path below a mount": lambda n: both("/mounted" + "/a" * n),
    "a path that lacks its slash": lambda n: both("/slash" + "/a" * n),
    "a path of at signs": lambda n: ask(several, "/" + "@" * n),
    "a path of underscores": lambda n: ask(several, "/" + "_" * n + "\n"),
    "a path of blobs": lambda n: ask(several, "/blob/a" * n),
    "a path of x": lambda n: ask(several, "/x/" * n + "!"),
    "a path of digits": lambda n: ask(several, "/" + "1" * n + "!"),
    "a path of zeros": lambda n: ask(several, "/" + "0" * n),
    # query
    "a query of many parameters": lambda n: both(query=b"a=1&" * n),
    "a query of one name each": lambda n: both(query=b"&".join(b"a%d=%%41" % number for number in range(n))),
    "a query of nothing": lambda n: both(query=b"&" * n),
    "a query of escapes": lambda n: both(query=b"a=" + b"%e9" * n),
    "a query of one parameter": lambda n: ask(typed, "/list", b"i=" + b"a" * n),
    "a query that is sent again": lambda n: str(QueryParams("a=%26&" * n)),
    "pairs": lambda n: parse_pairs(b"a=b&" * n),
    # headers and cookies
    "many headers": lambda n: both(headers=fields(n)),
    "one header many times": lambda n: both(headers=[(b"x", b"y")] * n),
    "a dictionary of headers": lambda n: dict(Headers(raw=fields(n))),
    "a dictionary of one header": lambda n: dict(Headers(raw=[(b"x", b"y")] * n)),
    "headers compared": lambda n: Headers(raw=fields(n)) == Headers(raw=fields(n)),
    "many cookies": lambda n: both(headers=[(b"cookie", b"a=b; " * n)]),
    "cookies in many fields": lambda n: both(headers=[(b"cookie", b"a=b")] * n),
    "cookies of nothing": lambda n: parse_cookies(";" * n),
    "a cookie of quotes": lambda n: parse_cookies('a="' + '\\"' * n),
    # forms
    "an urlencoded form in small pieces": lambda n: urlencoded(b"a=b&" * n, 3),
    "an urlencoded form of large fields": lambda n: urlencoded((b"a" * 50 + b"&") * n, 64 * 1024),
    "a form of many parts": lambda n: form((b"--x\r\n" + DISPOSITION + b"\r\n\r\nb\r\n") * n + b"--x--"),
    "a form of many files": lambda n: form(
        (b"--x\r\n" + DISPOSITION + b'; filename="f"\r\n\r\nb\r\n') * (n // 4) + b"--x--"
    ),
    "a form byte by byte": lambda n: form(b"--x\r\n" + DISPOSITION + b"\r\n\r\n" + b"b" * n + b"\r\n--x--", 1),
    "a form of line ends": lambda n: form(b"--x\r\n" + DISPOSITION + b"\r\n\r\n" + b"\r\n--" * n + b"\r\n--x--"),
    "a form of line ends byte by byte": lambda n: form(
        b"--x\r\n" + DISPOSITION + b"\r\n\r\n" + b"\r\n-" * n + b"\r\n--x--", 1
    ),
    "a form with much behind it": lambda n: form(b"--x--\r\n" + b"--x\r\n" * n, 7),
    "a form of many headers": lambda n: form(b"--x\r\n" + b"a: b\r\n" * n),
    "a form of one long header": lambda n: form(b"--x\r\na: " + b"b" * n, 1),
    "parts": lambda n: parts((b"--x\r\n" + DISPOSITION + b"\r\n\r\nb\r\n") * n + b"--x--"),
    "parts byte by byte": lambda n: parts(b"--x\r\n" + DISPOSITION + b"\r\n\r\n" + b"\r\n-" * n + b"\r\n--x--", 1),
    "a part of line ends": lambda n: parts(b"--x\r\n" + DISPOSITION + b"\r\n\r\n" + b"\r\n--" * n + b"\r\n--x--"),
    # values of fields
    "ranges that overlap": lambda n: ranges("bytes=" + "0-," * n, 1 << 30),
    "ranges apart": lambda n: ranges("bytes=" + ",".join(f"{9 * i}-{9 * i + 1}" for i in range(n)), 1 << 30),
    "ranges apart, the last one first": lambda n: ranges(
        "bytes=" + ",".join(f"{9 * i}-{9 * i + 1}" for i in reversed(range(n))), 1 << 30
    ),
    "too many ranges": lambda n: ranges("bytes=" + "0-," * n, 100),
    "encodings": lambda n: prefers_encoding("gzip;q=0.1, br, " * n + "identity", "gzip"),
    "encodings of nothing": lambda n: prefers_encoding("," * n, "gzip"),
    "a media type": lambda n: parse_media_type("a/b" + '; c="d\\"e"' * n),
    "a media type of semicolons": lambda n: parse_media_type("a/b" + ";" * n),
    "a disposition": lambda n: parse_content_disposition("form-data" + '; a="b\\"c"' * n),
    "a disposition of quotes": lambda n: parse_content_disposition('form-data; a="' + "\\" * n),
    "entity tags": lambda n: parse_entity_tags('"a", W/"b",' * n),
    "a date": lambda n: parse_http_date("Mon, " * n),
    # addresses
    "a url": lambda n: _parts_of(URL("http://a/" + "b/" * n + "?" + "c=d&" * n)),
    "a url of colons": lambda n: _parts_of(URL("http://" + ":" * n)),
    "a url with queries": lambda n: URL("http://a/?" + "c=d&" * n).include_query_params(e=1),
}


def _parts_of(url: URL) -> list[object]:
    found: list[object] = []
    for name in ("scheme", "hostname", "port", "path", "query", "fragment", "is_secure"):
        try:
            found.append(getattr(url, name))
        except ValueError:
            found.append(None)
    return found


@pytest.mark.parametrize("name", PARSERS)
def test_twice_the_input_is_not_four_times_the_work(name: str) -> None:
    parse = PARSERS[name]
    parse(SMALL - 1)  # what is made once is made now; another number, as some results are cached
    small, large = (work_of(lambda n=n: parse(n)) for n in (SMALL, 2 * SMALL))
    assert large < 3 * small + 100, (small, large)


@pytest.mark.parametrize("name", [name for name in PARSERS if name.startswith("a path")])
def test_the_work_of_path_expressions_is_linear(name: str) -> None:
    def cost(n: int) -> float:
        def once() -> float:
            start = process_time()
            PARSERS[name](n)
            return process_time() - start

        return min(once() for _ in range(3))

    # An expression is one call into C, so it needs a clock; squared growth would be 256 times the work.
    assert cost(16 * 1000) < 100 * max(cost(1000), 0.0002)


def test_quadratic_work_is_detected() -> None:
    def squared(n: int) -> None:
        for _ in range(n):
            for _ in range(n):
                pass

    assert work_of(lambda: squared(2 * SMALL)) > 3.5 * work_of(lambda: squared(SMALL))

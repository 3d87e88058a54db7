"""The questions of the comparison: each sends requests to a program of a package, and returns a cell of the table.

A question knows nothing of the packages. What a package does in another way, its module in `subjects` has.
"""

import base64
import gzip
import json
import re
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote
from wsgiref.util import setup_testing_defaults

import anyio

from benchmarks.comparison.driving import CHUNK, Reply, ask, lifespan, talk

MIB = 1024 * 1024
JSON = "application/json"
Subject = Any  # a module of `subjects`


@dataclass(frozen=True)
class Question:
    """A row of a table: its name in the JSON, the group that it is in, its text, and how it is asked."""

    name: str
    group: str
    row: str
    ask: Callable[[Subject], Awaitable[str]]
    backend: str = "asyncio"


QUESTIONS: list[Question] = []


def question(group: str, row: str, backend: str = "asyncio") -> Callable[[Any], Any]:
    def register(function: Any) -> Any:
        QUESTIONS.append(Question(function.__name__, group, row, function, backend))
        return function

    return register


async def one(app: Any, *request: Any, **options: Any) -> Reply:
    """The response of an application that was started for this request."""
    async with lifespan(app):
        return await ask(app, *request, **options)


async def document_of(subject: Subject, app: Any) -> dict[str, Any]:
    reply = await one(app, "GET", subject.DOCUMENT)
    assert reply.status == 200, f"{subject.DOCUMENT}: {reply.status}"
    found: dict[str, Any] = json.loads(reply.body)
    return found


def operation_of(document: dict[str, Any], method: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item[method] for item in document["paths"].values() if method in item)
    return found


# Requests

INVALID = {"x-token": "none"}, b'{"label": "", "price": "free"}'


@question("Requests", "five invalid values, in path, query, header and body: how many the response names")
async def errors(subject: Subject) -> str:
    reply = await one(subject.items(), "POST", "/items/x?limit=0", *INVALID)
    names = ("item_id", "limit", "token", "label", "price")
    named = [name for name in names if name in reply.body.decode()]
    return f"{len(named)} ({reply.status})"


@question("Requests", "the response to invalid values contains the value that was sent")
async def echo(subject: Subject) -> str:
    secret = "s3cr3t"
    body = f'{{"label": "tea", "price": "{secret}"}}'.encode()
    reply = await one(subject.items(), "POST", "/items/1", {"x-token": "1"}, body)
    assert 400 <= reply.status < 500, reply
    return "yes" if secret in reply.body.decode() else "no"


@question("Requests", "an unknown field in a JSON body, with the package's defaults")
async def unknown_field(subject: Subject) -> str:
    body = b'{"label": "tea", "price": 2, "other": 1}'
    reply = await one(subject.items(), "POST", "/items/1", {"x-token": "1"}, body)
    return "ignored" if reply.status < 300 else str(reply.status)


@question("Requests", "the largest JSON body with default settings, of 1, 2, 4, ... 64 MiB")
async def body_limit(subject: Subject) -> str:
    largest = 0
    for size in (1, 2, 4, 8, 16, 32, 64):
        reply = await one(subject.values(), "POST", "/values", {}, b'"' + b"x" * (size * MIB - 2) + b'"')
        if reply.status >= 300:
            return f"{largest} MiB, then {reply.status}"
        largest = size
    return "no limit found"


@question("Requests", "an endpoint reads an upload while it arrives")
async def upload(subject: Subject) -> str:
    reply = await one(subject.upload(), "POST", "/upload", {"content-type": "image/png"}, b"x" * (20 * CHUNK))
    assert reply.status == 200, reply
    return "yes" if reply.chunks_read < 10 else "no: all of it is read first"


@question("Requests", "a request body that is a `msgspec.Struct`")
async def structs(subject: Subject) -> str:
    reply = await one(subject.structs(), "POST", "/structs", {}, b'{"label": "tea"}')
    return "yes" if reply.status in {200, 201} and b"tea" in reply.body else f"no ({reply.status})"


@question("Requests", "a JSON body with `Content-Encoding: gzip`")
async def compressed(subject: Subject) -> str:
    make = getattr(subject, "compressed", subject.values)
    reply = await one(make(), "POST", "/values", {"content-encoding": "gzip"}, gzip.compress(b'"tea"'))
    return "is read" if reply.status < 300 and reply.body == b"3" else str(reply.status)


@question("Requests", "an endpoint reads the items of a JSON Lines body while they arrive, each validated")
async def items_of_body(subject: Subject) -> str:
    headers = {"content-type": "application/jsonl"}
    line = b'{"label": "tea", "price": 2}\n'
    reply = await one(subject.first_item(), "POST", "/first", headers, line * (20 * CHUNK // len(line)))
    assert reply.status == 200, reply
    assert b"tea" in reply.body, reply
    invalid = await one(subject.first_item(), "POST", "/first", headers, b'{"label": "", "price": "free"}\n')
    return "yes" if reply.chunks_read < 10 and 400 <= invalid.status < 500 else f"no ({invalid.status})"


@question("Requests", "a file of a form over its own limit of 1 KB, 1 MB long: rejected while it arrives")
async def file_limit(subject: Subject) -> str:
    start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    headers = {"content-type": "multipart/form-data; boundary=x"}
    small = await one(subject.limited(), "POST", "/limited", headers, start + b"x" * 100 + b"\r\n--x--\r\n")
    assert small.status < 300, small
    reply = await one(subject.limited(), "POST", "/limited", headers, start + b"x" * MIB + b"\r\n--x--\r\n")
    return f"{'yes' if reply.chunks_read < 10 else 'no: all of it is read first'} ({reply.status})"


@question("Requests", "a merge patch of a nested model: absent members stay, `null` removes")
async def patch(subject: Subject) -> str:
    headers = {"content-type": getattr(subject, "PATCH", "application/json")}
    reply = await one(subject.patch_user(), "PATCH", "/user", headers, b'{"name": "Eve", "address": {"zip": null}}')
    fitting = {"name": "Eve", "address": {"street": "Main St", "zip": None}}
    if reply.status == 200 and json.loads(reply.body) == fitting:
        return "yes"
    return f"no ({reply.status})" if reply.status != 200 else "no (the nested model is replaced)"


# Responses


@question("Responses", "`HEAD` of a `GET` route")
async def head(subject: Subject) -> str:
    reply = await one(subject.plain(), "HEAD", "/plain")
    return str(reply.status)


@question("Responses", "`OPTIONS` of a path with `GET` and `POST`")
async def options(subject: Subject) -> str:
    reply = await one(subject.plain(), "OPTIONS", "/plain")
    return f"{reply.status}{methods(reply)}"


@question("Responses", "`PUT` there: the `Allow` header")
async def allow(subject: Subject) -> str:
    reply = await one(subject.plain(), "PUT", "/plain")
    return f"{reply.status}{methods(reply)}"


def methods(reply: Reply) -> str:
    names = sorted({name.strip() for name in reply.header("allow").split(",")} - {""})
    return f": {', '.join(names)}" if names else ", no `Allow`"


@question("Responses", "media type of a 404, and of an unhandled exception")
async def errors_as(subject: Subject) -> str:
    missing = await one(subject.plain(), "GET", "/nothing")
    crash = await one(subject.crash(), "GET", "/crash")
    assert (missing.status, crash.status) == (404, 500), (missing, crash)
    return ", ".join(dict.fromkeys(f"`{reply.media_type or 'none'}`" for reply in (missing, crash)))


@question("Responses", "media type of a validation error")
async def invalid_as(subject: Subject) -> str:
    reply = await one(subject.items(), "POST", "/items/x?limit=0", *INVALID)
    return f"`{reply.media_type}`"


@question("Responses", "an instance of a subclass of the return type: its other fields are left out")
async def filtered(subject: Subject) -> str:
    reply = await one(subject.filtered(), "GET", "/user")
    assert reply.status == 200, reply
    return "no" if b"s3cr3t" in reply.body else "yes"


@question("Responses", "a result that does not fit the return type")
async def unfit(subject: Subject) -> str:
    reply = await one(subject.unfit(), "GET", "/count")
    return "is sent" if reply.status == 200 else f"{reply.status}"


@question("Responses", "built-in server-sent events")
async def events(subject: Subject) -> str:
    reply = await one(subject.events(), "GET", "/events")
    return "yes" if reply.media_type == "text/event-stream" and b"data: " in reply.body else f"no ({reply.status})"


@question("Responses", "a file: range requests")
async def ranges(subject: Subject) -> str:
    reply = await one(subject.file(), "GET", getattr(subject, "FILE", "/file"), {"range": "bytes=0-9"})
    return "yes" if reply.status == 206 and len(reply.body) == 10 else f"no ({reply.status})"


@question("Responses", "`Accept` chooses JSON or CSV for the same result; the response if neither is accepted")
async def negotiated(subject: Subject) -> str:
    async with lifespan(app := subject.negotiated()):
        replies = [await ask(app, "GET", "/chosen", {"accept": accept}) for accept in (JSON, "text/csv", "image/png")]
    assert [reply.media_type for reply in replies[:2]] == [JSON, "text/csv"], replies
    return str(replies[2].status)


@question(
    "Responses",
    "an endpoint with an `ETag`: the response to `If-None-Match` with it; to a `PUT` with an old `If-Match`",
)
async def conditional(subject: Subject) -> str:
    async with lifespan(app := subject.conditional()):
        tag = (await ask(app, "GET", "/thing")).header("etag")
        assert tag, "no ETag"
        same = await ask(app, "GET", "/thing", {"if-none-match": tag})
        old = await ask(app, "PUT", "/thing", {"if-match": '"old"'}, b'"new"')
    return f"{same.status}, {old.status}"


@question("Responses", "a list in pages by cursor: the response to a cursor that the client has changed")
async def cursor(subject: Subject) -> str:
    async with lifespan(app := subject.pages()):
        first = await ask(app, "GET", "/pages")
        found = subject.cursor_of(json.loads(first.body))
        more = await ask(app, "GET", f"/pages?cursor={found}")
        assert (first.status, more.status) == (200, 200), (first, more)
        assert first.body != more.body, (first, more)
        reply = await ask(app, "GET", f"/pages?cursor={changed(found)}")
    return str(reply.status) if reply.status != 200 else "200, another page"


def changed(cursor: str) -> str:
    """A cursor with another key in it, or with another character if its key cannot be read."""
    try:
        key = base64.urlsafe_b64decode(unquote(cursor)).decode("ascii")
    except ValueError:
        place = len(cursor) // 2
        return cursor[:place] + ("2" if cursor[place] != "2" else "3") + cursor[place + 1 :]
    return quote(base64.urlsafe_b64encode(re.sub(r"\d+", lambda number: f"{int(number[0]) + 7}", key).encode()))


# Concurrency


@question("Concurrency", "runs on trio", backend="trio")
async def trio(subject: Subject) -> str:
    with anyio.fail_after(5):
        reply = await one(subject.plain(), "GET", "/plain")
    return "yes" if reply.status == 200 and reply.error is None else "no"


@question("Concurrency", "a `def` endpoint runs in")
async def sync(subject: Subject) -> str:
    reply = await one(subject.sync(), "GET", "/sync")
    assert reply.status == 200, reply
    return "the event loop" if json.loads(reply.body)["is_main_thread"] else "a worker thread"


@question("Concurrency", "a stream that waits for its next item ends when the client disconnects")
async def endless(subject: Subject) -> str:
    app, closed = subject.endless()
    with anyio.move_on_after(2):
        await one(app, "GET", "/endless", leave_at=3)
        return "yes" if closed.is_set() else "no: its generator is left open"
    return "no: it goes on"


@question("Concurrency", "a WebSocket endpoint has a typed query parameter, and rejects an invalid value")
async def socket(subject: Subject) -> str:
    async def first(target: str) -> str:
        app = subject.socket()
        async with lifespan(app):
            sent = await talk(app, target)
        return json.dumps([{key: str(value) for key, value in each.items()} for each in sent])

    assert "43" in await first("/socket?limit=42"), await first("/socket?limit=42")
    return "no" if "websocket.accept" in await first("/socket?limit=x") else "yes"


@question("Concurrency", "messages of a WebSocket are typed, and validated")
async def messages(subject: Subject) -> str:
    app = subject.messages()
    async with lifespan(app):
        sent = await talk(app, "/messages", '{"label": "tea", "price": 2}')
        invalid = await talk(app, "/messages", '{"label": "tea", "price": "free"}')
    assert "tea" in str(sent), sent
    return "yes" if not any(message.get("text") for message in invalid) else "no"


@question("Concurrency", "the messages of WebSockets are in a document")
async def socket_document(subject: Subject) -> str:
    reply = await one(subject.messages(), "GET", "/asyncapi.json")
    found = json.loads(reply.body)
    return f"AsyncAPI {found['asyncapi']}" if "Item" in reply.body.decode() else "no"


# Dependencies and tests


@question("Dependencies and tests", "a dependency of two others is called")
async def shared(subject: Subject) -> str:
    reply = await one(subject.shared(), "GET", "/shared")
    calls = json.loads(reply.body)["calls"]
    return "once" if calls == 1 else f"{calls} times"


@question("Dependencies and tests", "a dependency with `yield` closes after the request")
async def cleanup(subject: Subject) -> str:
    app, events = subject.cleanup()
    await one(app, "GET", "/cleanup")
    return "yes" if events == ["open", "endpoint", "close"] else f"no {events}"


@question("Dependencies and tests", "a test replaces a dependency")
async def override(subject: Subject) -> str:
    app, replaced = subject.override()
    with replaced:
        reply = await one(app, "GET", "/rate")
    return "yes" if b"fake" in reply.body else "no"


@question("Dependencies and tests", "middleware, or the like, around one group of routes")
async def group(subject: Subject) -> str:
    app = subject.group()
    async with lifespan(app):
        replies = [await ask(app, "GET", path) for path in ("/group/item", "/other/item")]
    marks = [reply.header("x-group") for reply in replies]
    return "yes" if marks == ["1", ""] else f"no {marks}"


@question("Dependencies and tests", "the methods of a class are endpoints")
async def resource(subject: Subject) -> str:
    async with lifespan(app := subject.resource()):
        replies = [await ask(app, method, "/resource") for method in ("GET", "DELETE")]
    return "yes" if [b"shared" in reply.body for reply in replies] == [True, True] else f"no {replies}"


@question(
    "Dependencies and tests", "errors in signatures, rejected or warned about at start-up, of those that can be written"
)
async def errors_at_start(subject: Subject) -> str:
    rejected = []
    for name, make in subject.wrong().items():
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", UserWarning)
            try:
                app = make()
                async with lifespan(app):
                    await ask(app, "GET", "/nothing")
            except Exception:  # noqa: BLE001 - any exception rejects it
                rejected.append(name)
            else:
                rejected += [name] * bool(warned)
    return f"{len(rejected)} of {len(subject.wrong())}"


# OpenAPI


@question("OpenAPI", "version of the document, by openapi-spec-validator")
async def document(subject: Subject) -> str:
    from openapi_spec_validator import validate  # noqa: PLC0415 - the other questions do without

    found = await document_of(subject, subject.items())
    try:
        validate(found)
    except Exception as error:  # noqa: BLE001 - what it is, the cell has
        return f"{found['openapi']}, invalid: {type(error).__name__}"
    return f"{found['openapi']}, valid"


@question("OpenAPI", "the limits of a query parameter are in the document")
async def limits(subject: Subject) -> str:
    found = operation_of(await document_of(subject, subject.items()), "post")
    schema = next(each["schema"] for each in found["parameters"] if each["name"] == "limit")
    return "yes" if schema.get("maximum") == 100 else "no"


@question("OpenAPI", "the response to invalid values is in the document")
async def documented_errors(subject: Subject) -> str:
    found = operation_of(await document_of(subject, subject.items()), "post")["responses"]
    codes = sorted(code for code in found if code.startswith("4"))
    return ", ".join(codes) if codes else "no"


@question("OpenAPI", "a 201 and a 404 with their bodies are in the document")
async def statuses(subject: Subject) -> str:
    found = operation_of(await document_of(subject, subject.statuses()), "post")["responses"]
    return "yes" if {"201", "404"} <= {code for code in found if found[code].get("content")} else "no"


@question("OpenAPI", "a bearer token: the scheme is in the document, and a request without it is a")
async def bearer(subject: Subject) -> str:
    found = await document_of(subject, subject.bearer())
    reply = await one(subject.bearer(), "GET", "/me")
    schemes = found.get("components", {}).get("securitySchemes", {})
    return f"{'yes' if schemes else 'no'}, {reply.status}"


@question("OpenAPI", "the API docs load scripts and styles from")
async def docs_page(subject: Subject) -> str:
    reply = await one(subject.items(), "GET", subject.DOCS)
    assert reply.status == 200, reply
    hosts = re.findall(r"""(?:src|href)=["']https?://([^/"']+)""", reply.body.decode())
    return ", ".join(f"`{host}`" for host in sorted(set(hosts))) or "the application"


# Clients and changes


@question("Clients and changes", "a typed Python client with a method for each operation")
async def client(subject: Subject) -> str:
    return "yes" if isinstance(await subject.called_by_client(), subject.Item) else "no"


@question("Clients and changes", "generated requests find a value that causes a 500")
async def generated_requests(subject: Subject) -> str:
    return "yes" if "ZeroDivisionError" in await anyio.to_thread.run_sync(subject.generated_requests) else "no"


@question("Clients and changes", "finds that a new required parameter breaks clients")
async def breaking_changes(subject: Subject) -> str:
    return "yes" if subject.breaking_changes() == ["input-added-required"] else "no"


@question("Clients and changes", "operations are tools for agents (MCP)")
async def tools(subject: Subject) -> str:
    return "yes" if subject.tools() == ["price"] else "no"


# The package


@question("The package", "runs under WSGI")
async def wsgi(subject: Subject) -> str:
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ["PATH_INFO"] = "/plain"
    found: list[str] = []

    def call() -> None:
        b"".join(subject.wsgi()(environ, lambda status, headers, *_: found.append(status)))

    await anyio.to_thread.run_sync(call)
    return "yes" if found[0].startswith("200") else f"no ({found})"


@question(
    "The package",
    "included: sessions, CORS, CSRF, rate limits, response cache, jobs in worker processes, ORM, admin site",
)
async def included(subject: Subject) -> str:
    from importlib.util import find_spec  # noqa: PLC0415 - this question only

    return ", ".join(name for name, module in subject.INCLUDED.items() if find_spec(module)) or "none"

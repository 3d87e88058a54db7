"""A call of a tool -> a request to the application in this process, and its response -> the result of the tool."""

import base64
import binascii
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any

from signette._http.json import dumps, loads
from signette._http.media import is_json
from signette.client.asgi import ASGITransport
from signette.client.runtime.bodies import with_async_body
from signette.client.runtime.encoding import JsonArgument
from signette.client.runtime.errors import ArgumentError
from signette.client.runtime.items import item_format
from signette.client.runtime.retries import new_idempotency_key
from signette.client.runtime.spec import InputSpec
from signette.client.runtime.transport import Pairs, Received, Sent, header_of
from signette.exceptions import phrase_of
from signette.mcp.schemas import LINES, RESULT
from signette.mcp.tools import OfferedTool

# Their bodies are read up to the limit: they may be endless.
_STREAMED = frozenset({"items", "chunks", "text chunks", "file", "any"})
# The members of a validation error that locate it.
_PLACE = ("in", "name", "pointer")
_log = logging.getLogger("signette.mcp")

Content = dict[str, Any]
"""A content block: its `type`, and `text`, or `data` with a `mimeType`."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The result of a call."""

    content: tuple[Content, ...] = ()
    structured: Any = None
    """The JSON object of the output schema, or the problem of an error."""
    is_error: bool = False


class ToolCalls:
    """Calls tools, inside of `async with calls.running(...)`.

    Args:
        app: The application.
        headers: Headers of all requests.
        max_result_bytes: A larger body is an error: an agent reads all of it.
    """

    def __init__(self, app: Any, *, headers: Mapping[str, str] | None = None, max_result_bytes: int = 1 << 20) -> None:
        self.transport = ASGITransport(app)
        self.max_result_bytes = max_result_bytes
        self._headers: Pairs = [(name.lower(), value) for name, value in (headers or {}).items()]

    @asynccontextmanager
    async def running(self, *, runs_lifespan: bool) -> AsyncIterator[None]:
        """Hold what responses in parts need, and the lifespan of the application if nothing else runs it."""
        await self.transport.open(runs_lifespan=runs_lifespan)
        try:
            yield
        finally:
            await self.transport.aclose()

    async def call(
        self,
        tool: OfferedTool,
        arguments: Mapping[str, Any],
        headers: Pairs | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> ToolResult:
        """Call a tool with JSON arguments. `headers` are those that the agent has sent for the application.

        `state` is that of the agent's request; without one, the request has that of the lifespan.

        Invalid arguments and error responses are results with `is_error`, which agents read.
        """
        try:
            sent = _request(tool, arguments)
        except ArgumentError as exc:
            return _error(f"argument `{exc.argument}` {exc.reason}")
        more = [*(headers or ()), *self._headers]
        names = {name for name, _ in more}
        sent.headers = [*(pair for pair in sent.headers if pair[0] not in names), *more]
        key = tool.operation.idempotency_key.lower()
        if key and all(name != key for name, _ in sent.headers):  # a call is made once, and may need one
            sent.headers.append((key, new_idempotency_key()))
        sent.streams = any(each.kind in _STREAMED for each in tool.operation.results)
        transport = self.transport
        if state is not None:  # not set on the shared transport: another agent may call at the same time
            transport = copy(transport)
            transport.state = dict(state)
        try:
            received = await transport.send(await with_async_body(sent))
            body = await _read(received, self.max_result_bytes)
        except Exception as exc:  # noqa: BLE001 - an agent reads that it failed, as a client reads a 500
            _log.exception("the tool %s failed", tool.name)
            return _error(f"the application raised {type(exc).__name__}")
        if body is None:
            return _error(f"the result has more than the {self.max_result_bytes} bytes of a tool; ask for less")
        return _result(tool, received.status, received.headers, body)


async def _read(received: Received, limit: int) -> bytes | None:
    """The body; None if it is larger. The rest of it is not read."""
    try:
        body = bytearray()
        async for chunk in received.aiter_bytes():
            body += chunk
            if len(body) > limit:
                return None
        return bytes(body)
    finally:
        await received.aclose()


# -- requests ----------------------------------------------------------------------------------------------------------


def _request(tool: OfferedTool, arguments: Mapping[str, Any]) -> Sent:
    encoder = tool.encoder
    specs = {each.argument: each for each in tool.operation.arguments}
    values = {name: _json_argument(tool, specs[name], value) for name, value in arguments.items() if name in specs}
    required = {spec.argument for spec in specs.values() if spec.required}
    if not required <= arguments.keys() <= specs.keys():
        return encoder.encode_json(arguments)  # raises the error that names the argument
    body = tool.operation.body
    if body is None or body.kind != "items":
        return encoder.write(values)
    sent = encoder.write({name: value for name, value in values.items() if specs[name].place != "body"})
    (stream,) = body.inputs
    items = _list(tool, stream, arguments.get(stream.argument, []))
    sent.headers.append(("content-type", body.media_types[0]))
    sent.body = b"".join(dumps(each) + b"\n" for each in items)
    return sent


def _json_argument(tool: OfferedTool, spec: InputSpec, value: Any) -> JsonArgument:
    body = tool.operation.body
    if spec.place == "body" and body is not None and body.kind == "bytes":
        content = _decoded(tool, spec, value)
        return JsonArgument(content, content)
    files = [each for each in spec.names if each.style == "file"]
    if not files:
        return JsonArgument(value, value)
    if not spec.is_model:
        is_list = files[0].many and value is not None
        content = (
            [_decoded(tool, spec, each) for each in _list(tool, spec, value)]
            if is_list
            else _decoded(tool, spec, value)
        )
        return JsonArgument(content, content)
    members = value if isinstance(value, Mapping) else {}
    rest = {name: each for name, each in members.items() if name not in {file.member for file in files}}
    sent = {file.name: _decoded(tool, spec, members[file.member]) for file in files if file.member in members}
    return JsonArgument(rest, rest, sent)


def _list(tool: OfferedTool, spec: InputSpec, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ArgumentError(tool.operation.name, spec.argument, "is not a list")
    return value


def _decoded(tool: OfferedTool, spec: InputSpec, value: Any) -> Any:
    """The bytes of a base64 text."""
    if value is None:
        return None
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise ArgumentError(tool.operation.name, spec.argument, "is not base64") from None


# -- results -----------------------------------------------------------------------------------------------------------


def _result(tool: OfferedTool, status: int, headers: Pairs, body: bytes) -> ToolResult:
    media_type = (header_of(headers, "content-type") or "").partition(";")[0].strip().lower()
    if status >= 300:
        return _failed(status, headers, media_type, body)
    try:
        value, has_value = _value(media_type, body)
    except ValueError:
        return _error(f"the response {status} is not valid {media_type}")
    structured = None
    if tool.output_schema is not None and has_value:
        structured = {RESULT: value} if tool.is_wrapped else value
    if not body:
        return ToolResult((), structured)
    return ToolResult((_block(tool, media_type, body),), structured)


def _value(media_type: str, body: bytes) -> tuple[Any, bool]:
    """The value of a body, and whether it is one of JSON or text."""
    if not body:
        return None, True
    if is_json(media_type):
        return loads(body), True
    if item_format(media_type) in LINES:
        return [loads(line) for line in body.replace(b"\x1e", b"").split(b"\n") if line.strip()], True
    return (body.decode(), True) if media_type.startswith("text/") else (None, False)


def _block(tool: OfferedTool, media_type: str, body: bytes) -> Content:
    if media_type.startswith(("text/", "application/json")) or is_json(media_type):
        return {"type": "text", "text": body.decode("utf-8", "replace")}
    data = base64.b64encode(body).decode()
    kind = media_type.partition("/")[0]
    if kind in ("image", "audio"):
        return {"type": kind, "data": data, "mimeType": media_type}
    resource = {
        "uri": f"signette:{tool.operation.path}",
        "mimeType": media_type or "application/octet-stream",
        "blob": data,
    }
    return {"type": "resource", "resource": resource}


def _failed(status: int, headers: Pairs, media_type: str, body: bytes) -> ToolResult:
    """An error that agents can act on: the title, the detail, and each validation error with its place."""
    phrase = phrase_of(status)
    lines = [f"{status} {phrase}".strip()]
    problem = None
    if is_json(media_type):
        try:
            problem = loads(body)
        except ValueError:
            problem = None
    if isinstance(problem, Mapping):
        lines[0] = f"{status} {problem.get('title') or phrase}".strip()
        detail = problem.get("detail")  # of `FastAPIErrors`, a list of the errors
        lines += [detail] if isinstance(detail, str) and detail else []
        errors = detail if isinstance(detail, list) else problem.get("errors")
        lines += [_line(each) for each in errors or () if isinstance(each, Mapping)]
    elif location := header_of(headers, "location"):
        lines.append(f"see {location}")
    elif media_type.startswith("text/") and body:
        lines.append(body.decode("utf-8", "replace"))
    return _error("\n".join(lines), problem if isinstance(problem, Mapping) else None)


def _line(error: Mapping[str, Any]) -> str:
    parts = error["loc"] if isinstance(error.get("loc"), list) else [error.get(name) for name in _PLACE]
    place = " ".join(str(each) for each in parts if each is not None)
    return f"{place}: {error.get('message') or error.get('msg') or dumps(dict(error)).decode()}"


def _error(text: str, problem: Any = None) -> ToolResult:
    return ToolResult(({"type": "text", "text": text},), problem, is_error=True)

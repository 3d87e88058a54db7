"""Sends one request, or one WebSocket conversation, to an ASGI application as a server would, and keeps the answer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from zlib import decompressobj

import anyio

from tests.timeouts import SECONDS

Pairs = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class Ask:
    """A request. `target` is the path as it travels, in ASCII; `pieces` is the body as it arrives."""

    method: str = "GET"
    target: str = "/"
    query: bytes = b""
    headers: Pairs = ()
    pieces: tuple[bytes, ...] = (b"",)
    scheme: str = "http"
    root_path: str = ""

    @property
    def path(self) -> str:
        """As servers decode it."""
        return unquote(self.target)

    def scope(self, kind: str = "http") -> dict[str, Any]:
        return {
            "type": kind,
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": self.scheme,
            "path": self.path,
            "raw_path": self.target.encode("ascii"),
            "query_string": self.query,
            "root_path": self.root_path,
            "headers": list(self.headers),
            "client": ("10.0.0.1", 1234),
            "server": ("server.example", 80),
            "state": {},
            "extensions": {"websocket.http.response": {}},
        }

    def field(self, name: bytes) -> bytes:
        """The values of a header field, joined; empty where there is none."""
        return b", ".join(value for key, value in self.headers if key == name)


@dataclass
class Answer:
    """What an application sent, and what it let out to the server."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    raised: str | None = None
    is_socket: bool = False

    @property
    def status(self) -> int:
        return next((one["status"] for one in self.messages if "status" in one), 0)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Header fields in an order of their own: theirs says nothing."""
        found = [pair for one in self.messages for pair in one.get("headers") or () if "status" in one]
        return sorted((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in found)

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.fields if key == name]
        return ", ".join(found) if found else None

    @property
    def body(self) -> bytes:
        """Without its coding, and with a boundary that is always the same."""
        body = b"".join(bytes(one.get("body", b"")) for one in self.messages if one["type"].endswith("response.body"))
        if self.header("content-encoding") == "gzip" and body:
            body = decompressobj(31).decompress(body)
        boundary = re.search(r"boundary=(\w+)", self.header("content-type") or "")
        return body.replace(boundary[1].encode(), b"BOUNDARY") if boundary else body

    def facts(self) -> dict[str, Any]:
        """What two answers are compared by, each under the name of its aspect."""
        facts: dict[str, Any] = {"raised": self.raised}
        if self.is_socket:
            # No reason and an empty one are the same close frame (RFC 6455 §5.5.1).
            return {**facts, "messages": [{"reason": "", **one} if "code" in one else one for one in self.messages]}
        facts |= {"status": self.status, "body": self.body}
        for name, value in self.fields:
            facts[name] = (*facts.get(name, ()), re.sub(r"boundary=\w+", "boundary=BOUNDARY", value))
        if self.header("content-encoding") == "gzip":
            # How well it was compressed is nobody's business.
            facts.pop("content-length", None)
        facts["complete"] = bool(self.messages) and not self.messages[-1].get("more_body", False)
        return facts


async def send_request(app: Any, ask: Ask) -> Answer:
    """The whole answer to a request."""
    waiting: list[Any] = [{"type": "http.request", "body": piece, "more_body": True} for piece in ask.pieces]
    waiting[-1]["more_body"] = False
    return await _talk(app, ask.scope(), waiting, last={"type": "http.disconnect"})


async def hold_conversation(app: Any, ask: Ask, said: Sequence[Mapping[str, Any]]) -> Answer:
    """A WebSocket: what the client says, and then it leaves; the answers in their order."""
    scope = {**ask.scope("websocket"), "subprotocols": ["chat", "v2"], "scheme": "ws"}
    del scope["method"]
    waiting = [{"type": "websocket.connect"}, *({"type": "websocket.receive", **one} for one in said)]
    return await _talk(app, scope, waiting, last={"type": "websocket.disconnect", "code": 1001})


async def _talk(app: Any, scope: dict[str, Any], waiting: list[Any], last: dict[str, Any]) -> Answer:
    answer = Answer(is_socket=scope["type"] == "websocket")

    async def receive() -> Any:
        await anyio.lowlevel.checkpoint()
        return dict(waiting.pop(0)) if waiting else last

    async def send(message: Any) -> None:
        await anyio.lowlevel.checkpoint()
        answer.messages.append(dict(message))

    with anyio.fail_after(SECONDS):
        try:
            await app(scope, receive, send)
        except Exception as exc:  # noqa: BLE001 - compared with the other side's
            answer.raised = type(exc).__name__
    return answer

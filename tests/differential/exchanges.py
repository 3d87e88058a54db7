"""Requests and WebSocket conversations, and what came of them, so that two applications can be compared."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from zlib import decompressobj

from tests.asgi import CONNECT, DENIAL, Exchange, Scope, body_of, disconnect, exchange, scope_of

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

    def scope(self, kind: str = "http") -> Scope:
        return scope_of(
            self.path,
            self.method,
            kind=kind,
            headers=self.headers,
            scheme=self.scheme,
            raw_path=self.target.encode("ascii"),
            query_string=self.query,
            root_path=self.root_path,
            client=("10.0.0.1", 1234),
            server=("server.example", 80),
            state={},
            extensions=DENIAL,
        )

    def field(self, name: bytes) -> bytes:
        """The values of a header field, joined; empty without any."""
        return b", ".join(value for key, value in self.headers if key == name)


@dataclass
class Outcome:
    """What an application sent, and what it let out to the server."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    raised: str | None = None
    is_socket: bool = False

    @property
    def status(self) -> int:
        return next((one["status"] for one in self.messages if "status" in one), 0)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Header fields, sorted: their order does not count."""
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
        """What two outcomes are compared by, each under the name of its aspect."""
        facts: dict[str, Any] = {"raised": self.raised}
        if self.is_socket:
            # No reason and an empty one are the same close frame (RFC 6455 §5.5.1).
            return {**facts, "messages": [{"reason": "", **one} if "code" in one else one for one in self.messages]}
        facts |= {"status": self.status, "body": self.body}
        for name, value in self.fields:
            facts[name] = (*facts.get(name, ()), re.sub(r"boundary=\w+", "boundary=BOUNDARY", value))
        if self.header("content-encoding") == "gzip":
            # How far it was compressed may differ.
            facts.pop("content-length", None)
        facts["complete"] = bool(self.messages) and not self.messages[-1].get("more_body", False)
        return facts


async def send_request(app: Any, ask: Ask) -> Outcome:
    """Send a request, and keep the whole response."""
    return _outcome(await exchange(app, ask.scope(), *body_of(*ask.pieces)))


async def hold_conversation(app: Any, ask: Ask, declared: Sequence[Mapping[str, Any]]) -> Outcome:
    """A WebSocket: what the client says, and then it leaves; what was sent to it in its order."""
    scope = {**ask.scope("websocket"), "subprotocols": ["chat", "v2"], "scheme": "ws"}
    scope["asgi"]["spec_version"] = "2.3"  # so that what is sent to a client that has left is compared, too
    messages = [{"type": "websocket.receive", **one} for one in declared]
    return _outcome(await exchange(app, scope, CONNECT, *messages, disconnect(scope, 1001)))


def _outcome(found: Exchange) -> Outcome:
    raised = type(found.error).__name__ if found.error is not None else None
    return Outcome(found.messages, raised, found.scope["type"] == "websocket")

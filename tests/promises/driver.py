"""Calls an application as a server would, with whatever bytes there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio

from tests.timeouts import SECONDS

Pairs = Sequence[tuple[bytes, bytes]]
JSON = (b"content-type", b"application/json")
URLENCODED = (b"content-type", b"application/x-www-form-urlencoded")
MULTIPART = (b"content-type", b"multipart/form-data; boundary=x")
# What stands in values that are wrong, and must not stand in an answer.
SECRET = "c4n4ry"


@dataclass(frozen=True)
class Case:
    """A request, and the status that it should get; 0: any that is no fault of ours."""

    name: str
    status: int
    method: str
    path: str
    query: bytes = b""
    headers: Pairs = ()
    body: bytes | Sequence[bytes] = b""
    scope: dict[str, Any] = field(default_factory=dict)


@dataclass
class Answer:
    """What was sent to the server."""

    messages: list[Any] = field(default_factory=list)

    @property
    def status(self) -> int:
        return self.messages[0]["status"]

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])


async def answer(app: Any, case: Case) -> Answer:
    """The whole answer. Raises what the application lets out to the server."""
    pieces = [case.body] if isinstance(case.body, bytes) else list(case.body)
    return await exchange(app, scope_of(case), pieces)


async def exchange(app: Any, scope: dict[str, Any], pieces: Iterable[bytes]) -> Answer:
    """The same for a scope; behind the last piece the client waits, and leaves."""
    found = Answer()
    waiting = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    if waiting:
        waiting[-1]["more_body"] = False

    async def receive() -> Any:
        await anyio.lowlevel.checkpoint()
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        await anyio.lowlevel.checkpoint()
        found.messages.append(message)

    with anyio.fail_after(SECONDS):
        await app(scope, receive, send)
    return found


def scope_of(case: Case) -> dict[str, Any]:
    """The case as ASGI has it."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": case.method,
        "scheme": "http",
        "path": case.path,
        "raw_path": case.path.encode("utf-8", "surrogatepass"),
        "query_string": case.query,
        "root_path": "",
        "headers": list(case.headers),
        "client": ("testclient", 50000),
        "server": ("testserver", 80),
        **case.scope,
    }

"""Calls an ASGI application with plain dicts, and keeps what it sends."""

from collections.abc import Iterable
from typing import Any

import anyio


class Answer:
    """What an application sent, and what it raised."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.raised: BaseException | None = None
        self.scope: dict[str, Any] = {}

    @property
    def status(self) -> int:
        [start] = [one for one in self.messages if one["type"].endswith("response.start")]
        return start["status"]

    @property
    def headers(self) -> dict[str, str]:
        [start] = [one for one in self.messages if one["type"].endswith("response.start")]
        return {name.decode(): value.decode() for name, value in start["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(one.get("body", b"") for one in self.messages if one["type"].endswith("response.body"))

    @property
    def text(self) -> str:
        return self.body.decode()


async def call(
    app: Any,
    path: str = "/",
    method: str = "GET",
    *,
    kind: str = "http",
    headers: Iterable[tuple[bytes, bytes]] = (),
    body: bytes | list[bytes] = b"",
    **scope: Any,
) -> Answer:
    """One request from its first message to its last. An exception is kept, not raised."""
    answer = Answer()
    pieces = [body] if isinstance(body, bytes) else body
    if kind == "websocket":
        waiting = [{"type": "websocket.connect"}]
    else:
        waiting = [
            {"type": "http.request", "body": piece, "more_body": place < len(pieces) - 1}
            for place, piece in enumerate(pieces)
        ]

    async def receive() -> Any:
        await anyio.lowlevel.checkpoint()
        if waiting:
            return waiting.pop(0)
        return {"type": "websocket.disconnect", "code": 1000} if kind == "websocket" else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        await anyio.lowlevel.checkpoint()
        answer.messages.append(message)

    answer.scope = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "path": path,
        "method": method,
        "query_string": b"",
        "headers": list(headers),
        **scope,
    }
    with anyio.fail_after(5):
        try:
            await app(answer.scope, receive, send)
        except Exception as exc:  # noqa: BLE001 - kept for the test to look at
            answer.raised = exc
    return answer

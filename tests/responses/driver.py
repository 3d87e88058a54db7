"""Drives a response as a server would, by plain dicts; the client leaves or the server cancels at a chosen message."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import anyio
from anyio.lowlevel import checkpoint

VERSIONS = ("2.3", "2.4")


def http_scope(method: str = "GET", version: str = "2.4", **headers: str) -> dict[str, Any]:
    """A request; `if_range="x"` becomes the header `if-range: x`."""
    return {
        "type": "http",
        "method": method,
        "path": "/",
        "headers": [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()],
        "asgi": {"version": "3.0", "spec_version": version},
    }


@dataclass
class Exchange:
    """What was sent, and what was raised to the server."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    error: BaseException | None = None
    was_cancelled: bool = False

    @property
    def status(self) -> int:
        return self.messages[0]["status"]

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(bytes(message.get("body", b"")) for message in self.messages[1:])

    @property
    def is_complete(self) -> bool:
        return bool(self.messages) and self.messages[-1].get("more_body", False) is False and len(self.messages) > 1


async def exchange(
    app: Any,
    scope: dict[str, Any] | None = None,
    *,
    leave_at: int | None = None,
    cancel_at: int | None = None,
    cancel_after: int | None = None,
    requests: Iterable[dict[str, Any]] = (),
) -> Exchange:
    """Runs the response. While the message `leave_at` is sent the client leaves; while, or just after, `cancel_at` or
    `cancel_after` is sent the server cancels.
    """
    scope = http_scope() if scope is None else scope
    result = Exchange()
    left = anyio.Event()
    pending = list(requests)
    server_tells = scope.get("asgi", {}).get("spec_version") == "2.4"

    async def receive() -> dict[str, Any]:
        if pending:
            return pending.pop(0)
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if left.is_set():
            await checkpoint()
            if server_tells:
                raise OSError("the client has left")
            return
        number = len(result.messages)
        result.messages.append(message)
        if number in {cancel_at, cancel_after}:
            scope_of_server.cancel()
        if number == cancel_after:
            return
        if number == leave_at:
            left.set()
            await anyio.wait_all_tasks_blocked()  # whoever listens has heard it
            if server_tells:
                raise OSError("the client has left")
        await checkpoint()

    with anyio.fail_after(20), anyio.CancelScope() as scope_of_server:
        try:
            await app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the tests look at it
            result.error = error
    result.was_cancelled = scope_of_server.cancelled_caught
    return result

"""Calls ASGI applications as a server would, with plain dicts, and keeps what they send.

* `fetch` sends a request that is written on one line, `"GET /items?page=2"`, and raises what the application raises.
* `call` sends a request with any scope, and `connect` opens a WebSocket.
* `exchange` takes the scope and the messages as they are; the client may leave, or the server cancel, at a message.

The last three keep an exception in `Exchange.error`, in addition to the messages that were sent before it.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any
from urllib.parse import quote, unquote

import anyio
from anyio.lowlevel import checkpoint

from tests.timeouts import SECONDS

Message = dict[str, Any]
Scope = dict[str, Any]
Headers = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]

JSON = {"content-type": "application/json"}
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
MULTIPART = {"content-type": "multipart/form-data; boundary=cut"}

CONNECT: Message = {"type": "websocket.connect"}
DISCONNECT: Message = {"type": "http.disconnect"}
DENIAL: dict[str, Any] = {"websocket.http.response": {}}
"""The extension by which a WebSocket is rejected with a response."""

# From this version on, `send` raises OSError once the client has left.
RAISES_WHEN_LEFT = "2.4"
VERSIONS = ("2.3", RAISES_WHEN_LEFT)


@dataclass
class Exchange:
    """One connection: its scope, the messages that the application sent, and the exception that it raised."""

    scope: Scope = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    error: Exception | None = None
    was_cancelled: bool = False
    receives: int = 0
    """How often the application asked for a message."""

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.messages]

    @property
    def start(self) -> Message:
        """The message with status and headers; also that of a WebSocket's denial."""
        starts = [message for message in self.messages if message["type"].endswith("response.start")]
        assert len(starts) == 1, (self.messages, self.error)
        return starts[0]

    @property
    def status(self) -> int:
        status: int = self.start["status"]
        return status

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The header fields as they were sent: in their order, and each as often as it was sent."""
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self.start["headers"]]

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.fields)

    def __getitem__(self, name: str) -> str | None:
        """The first header field of this name."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        """The values of every header field of this name."""
        return [value for each, value in self.fields if each == name]

    @property
    def body(self) -> bytes:
        bodies = (message for message in self.messages if message["type"].endswith("response.body"))
        return b"".join(bytes(message.get("body", b"")) for message in bodies)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def errors(self) -> list[tuple[str, ...]]:
        """(in, name or pointer, code) of each entry of a 422."""
        return [(each["in"], each.get("name", each.get("pointer")), each["code"]) for each in self.json["errors"]]

    @property
    def is_complete(self) -> bool:
        """Whether the response was sent to its end."""
        return bool(self.messages) and is_last(self.messages[-1])

    def or_raise(self) -> "Exchange":
        """The exchange itself. Raises what the application raised."""
        if self.error is not None:
            raise self.error
        return self


def is_last(message: Message) -> bool:
    """Whether no message may follow this one."""
    kind: str = message["type"]
    if kind.endswith("response.body"):
        return not message.get("more_body", False)
    return kind in {"websocket.close", "http.response.pathsend"}


def scope_of(
    path: str = "/",
    method: str = "GET",
    *,
    kind: str = "http",
    headers: Headers = (),
    version: str = RAISES_WHEN_LEFT,
    **others: Any,
) -> Scope:
    """The scope of a connection. `path` is decoded, as servers decode it; `others` are put in as they are."""
    scope = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": version},
        "http_version": "1.1",
        "method": method,
        "scheme": "http" if kind == "http" else "ws",
        "path": path,
        "raw_path": quote(path, errors="surrogatepass").encode(),
        "root_path": "",
        "query_string": b"",
        "headers": pairs_of(headers),
        "client": ("client", 1),
        "server": ("testserver", 80),
        **others,
    }
    if kind == "websocket":
        del scope["method"]
        scope.setdefault("subprotocols", [])
    return scope


def pairs_of(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Header fields as a scope has them: a name that is text in small letters, bytes as they are."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return [(_as_bytes(name.lower() if isinstance(name, str) else name), _as_bytes(value)) for name, value in pairs]


def _as_bytes(text: str | bytes) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else text


def body_of(*pieces: bytes) -> list[Message]:
    """The messages of a request's body that comes in these pieces; one empty message without any."""
    whole = pieces or (b"",)
    return [
        {"type": "http.request", "body": piece, "more_body": number < len(whole)}
        for number, piece in enumerate(whole, start=1)
    ]


async def fetch(
    app: Any, request: str, body: bytes = b"", headers: Headers = (), *, log: Any = None, **scope: Any
) -> Exchange:
    """Send `"GET /path?query"`. Raises what the application raises.

    `log` is a list, to which "sent" is appended when the last message of the response is sent.
    """
    method, _, target = request.partition(" ")
    path, _, query = target.partition("?")

    def note(message: Message) -> None:
        if log is not None and is_last(message):
            log.append("sent")

    keys: dict[str, Any] = {"raw_path": path.encode(), "query_string": query.encode(), **scope}
    http_scope = scope_of(unquote(path), method, headers=headers, **keys)
    return (await exchange(app, http_scope, *body_of(body), on_send=note)).or_raise()


async def call(
    app: Any,
    path: str = "/",
    method: str = "GET",
    *,
    kind: str = "http",
    headers: Headers = (),
    body: bytes | Iterable[bytes] = b"",
    **scope: Any,
) -> Exchange:
    """Send a request whose body comes in one or more pieces; or open a WebSocket, and leave."""
    if kind == "websocket":
        return await connect(app, path, headers=headers, **scope)
    pieces = [body] if isinstance(body, bytes) else body
    return await exchange(app, scope_of(path, method, kind=kind, headers=headers, **scope), *body_of(*pieces))


async def connect(app: Any, path: str = "/", *messages: Message, headers: Headers = (), **scope: Any) -> Exchange:
    """Open a WebSocket, send `messages`, and leave with the code 1000."""
    socket_scope = scope_of(path, kind="websocket", headers=headers, **scope)
    return await exchange(app, socket_scope, CONNECT, *messages, disconnect(socket_scope))


def disconnect(scope: Scope, code: int = 1000) -> Message:
    """What the application receives when the client has left."""
    return {"type": "websocket.disconnect", "code": code} if scope["type"] == "websocket" else DISCONNECT


async def exchange(
    app: Any,
    scope: Scope | None = None,
    *messages: Message,
    leave_at: int | None = None,
    cancel_at: int | None = None,
    cancel_after: int | None = None,
    on_send: Callable[[Message], Any] | None = None,
) -> Exchange:
    """Run the application, which receives `messages`; behind them the client stays until the response is complete.

    The client leaves while the message `leave_at` is sent. The server cancels while the message `cancel_at` is sent,
    or just after `cancel_after`. Messages are counted from 0. `on_send` is called, and awaited, with each message.
    """
    found = Exchange(scope_of() if scope is None else scope)
    with anyio.fail_after(SECONDS), anyio.CancelScope() as server:
        connection = _Connection(found, list(messages), server, leave_at, cancel_at, cancel_after, on_send)
        try:
            await app(found.scope, connection.receive, connection.send)
        except Exception as error:  # noqa: BLE001 - the tests look at it
            found.error = error
    found.was_cancelled = server.cancelled_caught
    return found


class _Connection:
    """The client and the server of one exchange."""

    def __init__(
        self,
        found: Exchange,
        messages: list[Message],
        server: anyio.CancelScope,
        leave_at: int | None,
        cancel_at: int | None,
        cancel_after: int | None,
        on_send: Callable[[Message], Any] | None,
    ) -> None:
        self.found = found
        self.messages = messages
        self.server = server
        self.leave_at = leave_at
        self.cancel_at = cancel_at
        self.cancel_after = cancel_after
        self.on_send = on_send
        self.left = False
        self.over = anyio.Event()
        self.raises = found.scope.get("asgi", {}).get("spec_version") == RAISES_WHEN_LEFT

    async def receive(self) -> Message:
        self.found.receives += 1
        await checkpoint()
        if self.messages and not self.left:
            message = self.messages.pop(0)
            if message["type"].endswith(".disconnect"):
                self.left = True
                self.over.set()
            return message
        await self.over.wait()
        return disconnect(self.found.scope, 1006)

    async def send(self, message: Message) -> None:
        if not (self.left and self.raises):
            number = len(self.found.messages)
            self.found.messages.append(dict(message))
            if self.on_send is not None and isawaitable(noted := self.on_send(message)):
                await noted
            if number in {self.cancel_at, self.cancel_after}:
                self.server.cancel()
            if number == self.cancel_after:
                return
            if is_last(message):
                self.over.set()
            if number == self.leave_at:
                await self._leave()
        await checkpoint()
        if self.left and self.raises:
            raise OSError("the client has left")

    async def _leave(self) -> None:
        self.left = True
        self.over.set()
        await anyio.wait_all_tasks_blocked()  # those who listen have received it

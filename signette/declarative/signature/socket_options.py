"""`SocketOptions`: what a `Socket` parameter does with invalid messages, and with clients that are silent or slow."""

from typing import Any, Literal, get_args

from signette._dataclasses import dataclass

OnInvalid = Literal["close", "problem"]
ON_INVALID: tuple[OnInvalid, ...] = get_args(OnInvalid)


@dataclass(frozen=True, slots=True)
class SocketOptions:
    """Options of a typed WebSocket: `Annotated[Socket[Say, Line], SocketOptions(on_invalid="problem")]`.

    Times are in seconds.
    """

    on_invalid: OnInvalid = "close"
    """What an invalid message does. "close": `receive` raises `InvalidSocketMessage`, and the WebSocket is closed with
    1007 unless you handle it. "problem": the client is sent a problem (RFC 9457) as a message, and goes on."""
    max_message_bytes: int | None = None
    """The limit of a message from the client, in place of `Limits(websocket_message_bytes=...)`. A longer one closes
    the WebSocket with 1009."""
    heartbeat: float | None = None
    """After this time without a message to the client, `heartbeat_message` is sent."""
    heartbeat_message: Any = None
    """A message to the client: a value of the type `Out`."""
    idle_timeout: float | None = None
    """After this time without a message from the client, the WebSocket is closed with 1008."""
    send_timeout: float | None = None
    """A client that does not take a message in this time is disconnected: `send` raises `WebSocketDisconnect`."""
    subprotocol: str | None = None
    """The subprotocol to accept. A client that does not offer it is closed with 1002 before it is accepted."""

"""What a plan knows of a typed WebSocket, and what makes the `Socket` of a connection from it."""

from collections.abc import Callable
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.signature.socket_options import SocketOptions
from signette.declarative.sockets.messages import decoder, encoder, is_json
from signette.declarative.sockets.socket import Socket
from signette.limits import Limits
from signette.types import Receive, Scope
from signette.websockets import WebSocket

LimitMessages = Callable[[Scope, Receive, Limits, int], Receive]


@dataclass(frozen=True, slots=True)
class SocketSpec:
    """The types of the messages in both directions, and the options."""

    incoming: Any
    outgoing: Any
    options: SocketOptions

    def maker(self, limited: LimitMessages) -> Callable[[WebSocket, Scope, Receive, Limits], Socket[Any, Any]]:
        """A function that makes the socket of a connection: `make(websocket, scope, receive, limits)`.

        `limited` limits the size of messages that are received.
        """
        decode, encode, options = decoder(self.incoming), encoder(self.outgoing), self.options
        sends_json, max_bytes = is_json(self.outgoing), options.max_message_bytes

        def make(websocket: WebSocket, scope: Scope, receive: Receive, limits: Limits) -> Socket[Any, Any]:
            if max_bytes is not None:
                websocket._receive = limited(scope, receive, limits, max_bytes)
            return Socket(websocket, decode, encode, options, sends_json=sends_json)

        return make

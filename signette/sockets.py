"""Typed WebSockets: messages that are validated in both directions."""

from signette.declarative.signature.socket_options import SocketOptions
from signette.declarative.sockets.messages import InvalidSocketMessage
from signette.declarative.sockets.socket import Socket

__all__ = ["InvalidSocketMessage", "Socket", "SocketOptions"]

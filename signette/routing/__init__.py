"""Routing: matches requests with routes, and reverses route names to URLs.

`APIRoute` and `APIWebSocketRoute` are imported on first use, because typed routes need pydantic.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from signette.paths import get_route_path as get_route_path
from signette.routing.base import BaseRoute as BaseRoute
from signette.routing.host import Host as Host
from signette.routing.matching import Match as Match
from signette.routing.matching import NoMatchFound as NoMatchFound
from signette.routing.matching import compile_path as compile_path
from signette.routing.matching import get_name as get_name
from signette.routing.mount import Mount as Mount
from signette.routing.route import Route as Route
from signette.routing.route import request_response as request_response
from signette.routing.router import Router as Router
from signette.routing.websocket import WebSocketRoute as WebSocketRoute
from signette.routing.websocket import websocket_session as websocket_session

if TYPE_CHECKING:
    from signette.declarative.routing.routes import TypedRoute as APIRoute
    from signette.declarative.routing.routes import TypedWebSocketRoute as APIWebSocketRoute

__all__ = [
    "APIRoute",
    "APIWebSocketRoute",
    "BaseRoute",
    "Host",
    "Match",
    "Mount",
    "NoMatchFound",
    "Route",
    "Router",
    "WebSocketRoute",
    "compile_path",
    "get_name",
    "get_route_path",
    "request_response",
    "websocket_session",
]

_TYPED = {"APIRoute": "TypedRoute", "APIWebSocketRoute": "TypedWebSocketRoute"}

if not TYPE_CHECKING:  # with this `__getattr__`, type checkers would accept any misspelt name

    def __getattr__(name: str) -> object:
        typed = _TYPED.get(name)
        if typed is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        value = globals()[name] = getattr(import_module("signette.declarative.routing.routes"), typed)
        return value

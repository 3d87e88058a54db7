"""Routing: matches requests with routes, and reverses route names to URLs."""

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

__all__ = [
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

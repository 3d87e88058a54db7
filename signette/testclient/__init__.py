"""Test clients: HTTP requests and WebSockets to an ASGI application, without a server."""

from signette.testclient.async_client import AsyncTestClient
from signette.testclient.channel import WebSocketDenialResponse
from signette.testclient.client import TestClient
from signette.testclient.websocket import AsyncWebSocketTestSession, WebSocketTestSession

__all__ = [
    "AsyncTestClient",
    "AsyncWebSocketTestSession",
    "TestClient",
    "WebSocketDenialResponse",
    "WebSocketTestSession",
]

"""Clients: call the operations of an application by name, in process or over HTTP.

async with AsyncClient(app, base_url="https://shop.example") as client:
    order = await client.create_order(order=NewOrder(sku="A-1"))
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signette.client.async_client import AsyncClient as AsyncClient
    from signette.client.client import Client as Client
    from signette.client.generate.module import ClientModule as ClientModule
    from signette.client.generate.module import client_module as client_module
    from signette.client.operations.collection import operations_of as operations_of
    from signette.client.runtime.auth import APIKey as APIKey
    from signette.client.runtime.auth import Authorization as Authorization
    from signette.client.runtime.auth import Basic as Basic
    from signette.client.runtime.auth import Bearer as Bearer
    from signette.client.runtime.auth import OAuth2Token as OAuth2Token
    from signette.client.runtime.auth import UnusableCredential as UnusableCredential
    from signette.client.runtime.decoding import Reply as Reply
    from signette.client.runtime.errors import ArgumentError as ArgumentError
    from signette.client.runtime.errors import ClientError as ClientError
    from signette.client.runtime.errors import NotModified as NotModified
    from signette.client.runtime.errors import UnexpectedResponse as UnexpectedResponse
    from signette.client.runtime.errors import Unsupported as Unsupported
    from signette.client.runtime.events import MalformedEvent as MalformedEvent
    from signette.client.runtime.events import MissedEvents as MissedEvents
    from signette.client.runtime.events import ReceivedEvent as ReceivedEvent
    from signette.client.runtime.events import Reconnect as Reconnect
    from signette.client.runtime.framings import MalformedItem as MalformedItem
    from signette.client.runtime.pages import PageOf as PageOf
    from signette.client.runtime.retries import Retries as Retries
    from signette.client.runtime.sockets import MessageRejected as MessageRejected
    from signette.client.runtime.sockets import SocketClosed as SocketClosed
    from signette.client.runtime.sockets import UnexpectedMessage as UnexpectedMessage
    from signette.client.runtime.spec import OperationSpec as OperationSpec

# Name -> module. The files of the runtime are loaded with what uses them.
_MODULES = {
    "AsyncClient": "signette.client.async_client",
    "Client": "signette.client.client",
    "ClientModule": "signette.client.generate.module",
    "client_module": "signette.client.generate.module",
    "operations_of": "signette.client.operations.collection",
    "APIKey": "signette.client.runtime.auth",
    "Authorization": "signette.client.runtime.auth",
    "Basic": "signette.client.runtime.auth",
    "Bearer": "signette.client.runtime.auth",
    "OAuth2Token": "signette.client.runtime.auth",
    "UnusableCredential": "signette.client.runtime.auth",
    "Retries": "signette.client.runtime.retries",
    "Reconnect": "signette.client.runtime.events",
    "MissedEvents": "signette.client.runtime.events",
    "MalformedEvent": "signette.client.runtime.events",
    "ReceivedEvent": "signette.client.runtime.events",
    "MalformedItem": "signette.client.runtime.framings",
    "PageOf": "signette.client.runtime.pages",
    "SocketClosed": "signette.client.runtime.sockets",
    "MessageRejected": "signette.client.runtime.sockets",
    "UnexpectedMessage": "signette.client.runtime.sockets",
    "Reply": "signette.client.runtime.decoding",
    "ArgumentError": "signette.client.runtime.errors",
    "ClientError": "signette.client.runtime.errors",
    "NotModified": "signette.client.runtime.errors",
    "UnexpectedResponse": "signette.client.runtime.errors",
    "Unsupported": "signette.client.runtime.errors",
    "OperationSpec": "signette.client.runtime.spec",
}
__all__ = list(_MODULES)

if not TYPE_CHECKING:  # with this `__getattr__`, type checkers would accept any misspelt name

    def __getattr__(name: str) -> object:
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(module), name)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})

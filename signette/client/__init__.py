"""Clients: call the operations of an application by name, in process or over HTTP.

async with AsyncClient(app, base_url="https://shop.example") as client:
    order = await client.create_order(order=NewOrder(sku="A-1"))
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signette.client.async_client import AsyncClient as AsyncClient
    from signette.client.client import Client as Client
    from signette.client.operations.collection import operations_of as operations_of
    from signette.client.runtime.decoding import Reply as Reply
    from signette.client.runtime.errors import ArgumentError as ArgumentError
    from signette.client.runtime.errors import ClientError as ClientError
    from signette.client.runtime.errors import NotModified as NotModified
    from signette.client.runtime.errors import UnexpectedResponse as UnexpectedResponse
    from signette.client.runtime.errors import Unsupported as Unsupported
    from signette.client.runtime.spec import OperationSpec as OperationSpec

# Name -> module. The files of the runtime are loaded with what uses them.
_MODULES = {
    "AsyncClient": "signette.client.async_client",
    "Client": "signette.client.client",
    "operations_of": "signette.client.operations.collection",
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

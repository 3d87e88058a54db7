"""The ways to an application: in process, and over HTTP to uvicorn."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from signette.client import AsyncClient, Client
from signette.client.generate.module import client_module
from tests.interop.serving import served

WAYS = ("in process", "over HTTP")


@contextmanager
def url_of(app: Any, way: str) -> Iterator[str | None]:
    """The `base_url` of a client: that of a server in a thread, or None in process."""
    if way == "in process":
        yield None
    else:
        with served(app) as http:
            yield str(http.base_url).rstrip("/")


def async_client(app: Any, base_url: str | None, **options: Any) -> AsyncClient:
    """A client of an application, to be opened."""
    return AsyncClient(app, base_url, **options)


def blocking_client(app: Any, base_url: str | None, **options: Any) -> Client:
    """The same, without `async`."""
    return Client(app, base_url, **options)


@contextmanager
def generated(app: Any, name: str) -> Iterator[Any]:
    """The generated module of an application, while it is imported."""
    module = sys.modules[name] = ModuleType(name)
    try:
        exec(compile(client_module(app).source, name, "exec"), vars(module))
        yield module
    finally:
        del sys.modules[name]

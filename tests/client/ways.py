"""The ways to an application: in process, and over HTTP to uvicorn."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from signette.client import AsyncClient, Client
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

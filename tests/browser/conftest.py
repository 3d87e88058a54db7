"""The documentation page in a real browser. Where no Chromium is installed, nothing here is collected: the page's
policy, its escaping and its parts are tested everywhere by tests/declarative/openapi/test_pages.py."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from tests.browser import chromium, shop

collect_ignore_glob = [] if chromium.FOUND else ["test_*.py"]


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Where an application is served, by uvicorn in a thread."""
    listening = socket.create_server(("127.0.0.1", 0))
    host, port = listening.getsockname()
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Where the shop is served."""
    with serving(shop.app) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[chromium.Chromium]:
    """One Chromium for all tests; each opens its own pages."""
    with chromium.running() as found:
        yield found

"""A server for an application: uvicorn, with a socket, in a thread."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import uvicorn

from tests.timeouts import SECONDS

# A server closes the connection after an error, so none is used again.
LIMITS = httpx2.Limits(max_keepalive_connections=0)


@contextmanager
def served(app: Any) -> Iterator[httpx2.Client]:
    """Start the application. Yields a client, which follows no redirects, and stops the application at the end.

    The socket listens before the server starts, so a first request waits for the lifespan.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on", ws="websockets-sansio"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        host, port = listener.getsockname()
        try:
            with httpx2.Client(
                base_url=f"http://{host}:{port}", timeout=SECONDS, trust_env=False, limits=LIMITS
            ) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(SECONDS)
            assert not thread.is_alive()

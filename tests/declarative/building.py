"""Applications with one endpoint, and multipart bodies."""

from collections.abc import Callable
from typing import Any

from signette.app import App


def app_of(endpoint: Callable[..., Any], path: str = "/", method: str = "GET", **options: Any) -> App:
    """An application with one endpoint."""
    app = App()
    app.add_api_route(path, endpoint, [method], **options)
    return app


def part(name: str, content: str, file_name: str | None = None) -> str:
    """One part of a form; with a file name, a file."""
    file = f'; filename="{file_name}"' if file_name is not None else ""
    return f'--cut\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{content}\r\n'


def form(*parts: str) -> bytes:
    """A multipart body of these parts, whose boundary is that of `tests.asgi.MULTIPART`."""
    return "".join((*parts, "--cut--\r\n")).encode()

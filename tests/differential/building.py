"""Small applications and clients for programs that run on both toolkits."""

import inspect
from importlib import import_module
from typing import Any

from tests.differential.names import Names


def has(names: Names, module: str, name: str) -> bool:
    """Whether there is this name, `Class.method` or function; `name(argument)`, whether it has the argument."""
    path, _, argument = name.rstrip(")").partition("(")
    try:
        found: Any = import_module(f"{names.package}.{module}")
    except ImportError:
        return False
    for part in path.split("."):
        found = getattr(found, names._other.get(part, part), None)
    return found is not None and (not argument or argument in inspect.signature(found).parameters)


def client_of(names: Names, *routes: Any, layers: Any = (), **options: Any) -> Any:
    """A client of an application with these routes and middleware, each a class and its arguments."""
    app = names.Application(
        routes=list(routes), middleware=[names.Middleware(*middleware) for middleware in layers], **options
    )
    return client_for(names, app)


def client_for(names: Names, app: Any, **options: Any) -> Any:
    """A client that returns redirects and errors as responses."""
    return names.TestClient(app, raise_server_exceptions=False, follow_redirects=False, **options)


def says(names: Names, text: str = "text", **options: Any) -> Any:
    """An endpoint that responds with a text."""

    async def endpoint(request: Any) -> Any:
        return names.PlainTextResponse(text, **options)

    return endpoint

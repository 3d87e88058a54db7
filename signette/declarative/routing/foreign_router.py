"""Routers of FastAPI, included in those of signette: each of their routes becomes a typed route.

All that such a route declares is in its attributes. A route of another class, or with an option that is unknown, is an
error. Results are those of FastAPI: JSON, also for text.
"""

import inspect
from collections.abc import Mapping
from typing import Any

from signette._frameworks import is_response_class
from signette.responses.plain import JSONResponse

_MODULE = "fastapi.routing"
# Attributes that are options of the same name, with the values that declare nothing.
_OPTIONS: Mapping[str, tuple[Any, ...]] = {
    "name": (None,), "status_code": (None,), "tags": (None, []), "dependencies": (None, []), "summary": (None,),
    "description": (None, ""), "response_description": (None, "Successful Response"), "responses": (None, {}),
    "deprecated": (None,), "operation_id": (None,), "include_in_schema": (True,), "openapi_extra": (None,),
    "response_model_include": (None,), "response_model_exclude": (None,), "response_model_by_alias": (True,),
    "response_model_exclude_unset": (False,), "response_model_exclude_defaults": (False,),
    "response_model_exclude_none": (False,),
}  # fmt: skip
_SOCKET_OPTIONS = ("name", "dependencies")
# Attributes that have no equivalent, with the values that declare nothing.
_UNKNOWN: Mapping[str, tuple[Any, ...]] = {"callbacks": (None, []), "max_body_size": (None,), "form_limits": (None, {})}


def is_router_of_fastapi(router: Any) -> bool:
    """Whether an object is an `APIRouter`."""
    return any(cls.__module__ == _MODULE and cls.__name__ == "APIRouter" for cls in type(router).__mro__)


def add_routes(router: Any, into: Any) -> None:
    """Add the routes of an `APIRouter` to a router of signette.

    Raises:
        TypeError: a route is not one of FastAPI's own classes, or has an option that has no equivalent.
    """
    for handlers in ("on_startup", "on_shutdown"):
        if getattr(router, handlers, None):
            raise _error(router, f"`{handlers}=`")
    for route in router.routes:
        kind = type(route).__name__ if type(route).__module__ == _MODULE else None
        if kind == "APIRoute":
            into.add_api_route(route.path, route.endpoint, sorted(route.methods), **_options(router, route))
        elif kind == "APIWebSocketRoute":
            options = {name: value for name in _SOCKET_OPTIONS if (value := getattr(route, name, None))}
            into.add_api_websocket_route(route.path, route.endpoint, **options)
        else:
            word = "another router" if kind == "_IncludedRouter" else f"the route {route!r}"
            raise _error(router, word)


def _options(router: Any, route: Any) -> dict[str, Any]:
    for name, empty in _UNKNOWN.items():
        if getattr(route, name, None) not in empty:
            raise _error(router, f"a route with `{name}=`")
    found = {name: getattr(route, name, None) for name in _OPTIONS}
    options = {name: value for name, value in found.items() if value not in _OPTIONS[name]}
    # None: there is no annotation, or the route has declared that it does not count.
    options["response_model"] = route.response_model
    response_class = route.response_class
    if is_response_class(response_class):
        options["response_class"] = response_class
    elif not (inspect.isasyncgenfunction(route.endpoint) or inspect.isgeneratorfunction(route.endpoint)):
        options["response_class"] = JSONResponse
    return options


def _error(router: Any, word: str) -> TypeError:
    return TypeError(
        f"{router!r} cannot be included, because it has {word}; mount an application of FastAPI that includes it:"
        " `app.mount('/path', fastapi_app)`"
    )

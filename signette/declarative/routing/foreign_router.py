"""Routers of FastAPI, included in those of signette: each of their routes becomes a typed route.

All that such a route declares is in its attributes, under the names of the arguments of its class. A route of another
class, or an argument that has no equivalent here, is an error; so is one of a later release, unless it has its default.
Results are those of FastAPI: JSON, also for text.
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
# Options of the same name that a route has from its router, unless it is made without one.
_INHERITED = ("strict_content_type", "generate_unique_id_function")
# Arguments of each class that are honoured, or have no effect on an included router.
_KNOWN = {
    "APIRoute": {*_OPTIONS, *_INHERITED, "path", "endpoint", "methods", "response_model", "response_class",
                 "dependency_overrides_provider"},
    "APIWebSocketRoute": {*_SOCKET_OPTIONS, "path", "endpoint", "dependency_overrides_provider"},
    # A route has the options of its router, and joins its prefix, when it is declared.
    "APIRouter": {*_INHERITED, "prefix", "tags", "dependencies", "default_response_class", "responses", "routes",
                  "redirect_slashes", "default", "dependency_overrides_provider", "route_class", "lifespan",
                  "deprecated", "include_in_schema"},
}  # fmt: skip
_UNSET = "DefaultPlaceholder"


def is_router_of_fastapi(router: Any) -> bool:
    """Whether an object is an `APIRouter`."""
    return any(cls.__module__ == _MODULE and cls.__name__ == "APIRouter" for cls in type(router).__mro__)


def add_routes(router: Any, into: Any) -> None:
    """Add the routes of an `APIRouter` to a router of signette.

    Raises:
        TypeError: a route is not one of FastAPI's own classes, or has an option that has no equivalent.
    """
    cls = next(cls for cls in type(router).__mro__ if cls.__module__ == _MODULE and cls.__name__ == "APIRouter")
    if name := _unknown_argument(cls, router):
        raise _error(router, f"`{name}=`")
    if getattr(router, "_low_priority_routes", None):
        raise _error(router, "a frontend")
    for route in router.routes:
        kind = type(route).__name__ if type(route).__module__ == _MODULE else None
        if kind in _KNOWN and (name := _unknown_argument(type(route), route)):
            raise _error(router, f"a route with `{name}=`")
        if kind == "APIRoute":
            into.add_api_route(route.path, route.endpoint, sorted(route.methods), **_options(router, route))
        elif kind == "APIWebSocketRoute":
            options = {name: value for name in _SOCKET_OPTIONS if (value := getattr(route, name, None))}
            into.add_api_websocket_route(route.path, route.endpoint, **options)
        else:
            word = "another router" if kind == "_IncludedRouter" else f"the route {route!r}"
            raise _error(router, word)


def _options(router: Any, route: Any) -> dict[str, Any]:
    found = {name: getattr(route, name, None) for name in _OPTIONS}
    options = {name: value for name, value in found.items() if value not in _OPTIONS[name]}
    for name in _INHERITED:
        given = (getattr(each, name, None) for each in (route, router))
        options[name] = next((value for value in given if type(value).__name__ != _UNSET), None)
    # None: there is no annotation, or the route has declared that it does not count.
    options["response_model"] = route.response_model
    response_class = route.response_class
    if is_response_class(response_class):
        options["response_class"] = response_class
    elif not (inspect.isasyncgenfunction(route.endpoint) or inspect.isgeneratorfunction(route.endpoint)):
        options["response_class"] = JSONResponse
    return options


def _unknown_argument(cls: type, value: Any) -> str | None:
    """The name of an argument that is neither honoured nor without an effect, and that an object was made with."""
    for name, parameter in inspect.signature(cls).parameters.items():
        found = getattr(value, name, None)
        is_given = found not in (None, [], {}, parameter.default) and type(found).__name__ != _UNSET
        if is_given and name not in _KNOWN[cls.__name__]:
            return name
    return None


def _error(router: Any, word: str) -> TypeError:
    return TypeError(
        f"{router!r} cannot be included, because it has {word}; mount an application of FastAPI that includes it:"
        " `app.mount('/path', fastapi_app)`"
    )

"""Resources: classes whose methods are operations, and the decorators of these."""

from signette.declarative.routing.resource_methods import (
    api_route,
    delete,
    get,
    head,
    options,
    patch,
    post,
    put,
    query,
    trace,
    websocket,
)
from signette.declarative.routing.resources import Resource

__all__ = [
    "Resource",
    "api_route",
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "query",
    "trace",
    "websocket",
]

"""Applications for `rsgi`: an empty one, typed handlers that speak RSGI, and an ASGI application behind an adapter.

`typed` is a twin by hand of what signette prints for its handlers of `hello`, `item` and `create`: the same limits, the
same index of routes, the same validators and serializers, taken from the application itself. What it leaves out would
make it slower: middleware, error handlers for more than the 422, and the path as it was sent, which RSGI does not have.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.contenders.signette_app import app
from benchmarks.cpu_apps import BODY
from signette.exceptions import HTTPException, LimitExceeded, RequestValidationError

JSON = [("content-type", "application/json")]
PROBLEM = [("content-type", "application/problem+json")]


async def empty(scope: Any, protocol: Any) -> None:
    """The twin of `cpu_apps.empty`."""
    protocol.response_bytes(200, JSON, BODY)


_stack = app.middleware_stack or app.build_middleware_stack()
_limits: Any = _stack.limits  # type: ignore[attr-defined]
_router = _stack.router  # type: ignore[attr-defined]


def _printed(name: str) -> dict[str, Any]:
    """The names that the binder of an endpoint uses."""
    route = next(route for route in app.routes if getattr(route, "name", None) == name)
    names: dict[str, Any] = route.binder_for(app).__globals__
    return names


_hello, _item, _create = _printed("hello"), _printed("item"), _printed("create")
_hello_endpoint, _hello_types = _hello["k_endpoint"], _hello["k_types"]
_dumps, _jsonable, _as_given = _hello["k_dumps"], _hello["k_jsonable"], _hello["k_as_given"]
_item_endpoint, _item_types = _item["k_endpoint"], _item["k_types"]
_item_id_check, _limit_check, _query = _item["k_item_id_check"], _item["k_limit_check"], _item["k_query"]
_value_errors, _body_errors = _item["k_value_errors"], _item["k_body_errors"]
_Invalid = _item["k_ValidationError"]
_create_endpoint, _user_check, _every = _create["k_endpoint"], _create["k_user_check"], _create["k_user_every"]
_render_user, _create_limits = _create["k_render"], _create["k_limits"]


async def hello(scope: Any, protocol: Any, values: Any) -> None:
    result = await _hello_endpoint()
    if type(result) is not dict or not _hello_types.issuperset(map(type, result.values())):
        raise TypeError(result)
    body = _dumps(result, _jsonable, _as_given)
    protocol.response_bytes(200, JSON, body if scope.method != "HEAD" else b"")


async def item(scope: Any, protocol: Any, values: Any) -> None:
    errors: list[Any] = []
    item_id = values[0]
    try:
        item_id = _item_id_check(item_id)
    except _Invalid as invalid:
        errors += _value_errors(invalid, "path", "item_id", item_id)
    query = _query(scope.query_string.encode("latin-1"))
    q, limit = query.get("q"), query.get("limit")
    if limit is None:
        limit = 20
    else:
        try:
            limit = _limit_check(limit)
        except _Invalid as invalid:
            errors += _value_errors(invalid, "query", "limit", limit)
    if errors:
        raise RequestValidationError(errors)
    result = await _item_endpoint(item_id, q, limit)
    if type(result) not in _item_types:
        raise TypeError(result)
    body = _dumps(result, _jsonable, _as_given)
    protocol.response_bytes(200, JSON, body if scope.method != "HEAD" else b"")


async def create(scope: Any, protocol: Any, values: Any) -> None:
    headers = scope.headers
    media_type = headers.get("content-type")
    if media_type != "application/json":
        raise HTTPException(415)
    length = headers.get("content-length")
    if length is None or int(length) > _create_limits.json_bytes:
        raise LimitExceeded(413, "json_bytes", _create_limits.json_bytes)
    received = await protocol()
    if len(received) > _create_limits.json_values:
        raise LimitExceeded(413, "json_values", _create_limits.json_values)
    try:
        user = _user_check(received)
    except _Invalid as invalid:
        raise RequestValidationError(_body_errors(_every(invalid, received), received, {}), received) from None
    protocol.response_bytes(200, JSON, _render_user(await _create_endpoint(user)))


_HANDLERS = {"hello": hello, "item": item, "create": create}


async def typed(scope: Any, protocol: Any) -> None:
    """What `Application.__call__` and the printed binders would do for RSGI."""
    try:
        path, query = scope.path, scope.query_string
        if query:
            _limits.check_query(query.encode("latin-1"))
        size, headers = 0, scope.headers.items()
        for name, value in headers:
            size += len(name) + len(value)
        too_large = size > _limits.header_bytes or len(headers) > _limits.header_fields
        if too_large or len(path) > _limits.path_bytes:
            raise LimitExceeded(431, "header_bytes", _limits.header_bytes)
        method = scope.method
        index = _router.live_routes.http
        matches = index.exact.get(path) if index is not None else None
        hit = matches.get(method) if matches is not None else None
        runner, values = hit if hit is not None else _router.find(path, {"type": "http", "method": method})
        await _HANDLERS[runner.route.name](scope, protocol, values)
    except RequestValidationError as invalid:
        response = _item["k_error_response"](invalid.errors())
        protocol.response_bytes(422, PROBLEM, response.body)
    except HTTPException as error:
        protocol.response_bytes(error.status_code, JSON, b"{}")


class Adapter:
    """An ASGI application, served by RSGI: what typed routes do not take natively would be served like this."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self._application = application

    async def __call__(self, scope: Any, protocol: Any) -> None:
        read = False
        start: dict[str, Any] = {}
        stream: Any = None

        async def receive() -> dict[str, Any]:
            nonlocal read
            if read:
                await protocol.client_disconnect()
                return {"type": "http.disconnect"}
            read = True
            body = await protocol() if "content-length" in scope.headers else b""
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            nonlocal start, stream
            if message["type"] == "http.response.start":
                start = message
                return
            more = message.get("more_body", False)
            if stream is None:
                headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
                if not more:
                    protocol.response_bytes(start["status"], headers, message.get("body", b""))
                    return
                stream = protocol.response_stream(start["status"], headers)
            await stream.send_bytes(message.get("body", b""))

        await self._application(asgi_scope(scope), receive, send)


def asgi_scope(scope: Any) -> dict[str, Any]:
    server, _, server_port = scope.server.rpartition(":")
    client, _, client_port = scope.client.rpartition(":")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": scope.http_version,
        "server": (server, int(server_port)),
        "client": (client, int(client_port)),
        "scheme": scope.scheme,
        "method": scope.method,
        "root_path": "",
        "path": scope.path,
        "query_string": scope.query_string.encode("latin-1"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in scope.headers.items()],
        "state": {},
    }


adapted = Adapter(app)

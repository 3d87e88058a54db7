"""Applications with something around their routes: middleware, handlers of exceptions, endpoint classes, sockets."""

import json
from contextvars import ContextVar
from functools import partial
from typing import Any

from tests.differential.names import Names


class Base(Exception): ...


class Derived(Base): ...


class Unhandled(Exception): ...


SET_BELOW = ContextVar("SET_BELOW", default="nothing")


def cors(names: Names, **options: Any) -> Any:
    async def page(request: Any) -> Any:
        return names.PlainTextResponse("page", headers={"vary": "accept"} if "vary" in request.query_params else None)

    async def fail(request: Any) -> Any:
        raise Unhandled("fail")

    return names.Application(
        routes=[names.Route("/", page, methods=["GET", "PUT"]), names.Route("/fail", fail)],
        middleware=[names.Middleware(names.CORSMiddleware, **options)],
    )


CORS_OPTIONS: dict[str, dict[str, Any]] = {
    "none": {},
    "any": {"allow_origins": ["*"], "allow_methods": ["*"], "allow_headers": ["*"]},
    "any, cookies": {"allow_origins": ["*"], "allow_credentials": True, "allow_headers": ["*"]},
    "listed": {
        "allow_origins": ["https://a.example", "https://b.example"],
        "allow_methods": ["GET", "PUT"],
        "allow_headers": ["X-One", "x-two"],
        "expose_headers": ["x-shown", "x-too"],
        "max_age": 60,
    },
    "listed, cookies": {"allow_origins": ["https://a.example"], "allow_credentials": True},
    "pattern": {"allow_origin_regex": r"https://.*\.example", "allow_headers": ["*"], "allow_private_network": True},
}


def gzip(names: Names) -> Any:
    async def text(request: Any) -> Any:
        query = request.query_params
        headers = {name: query[name] for name in ("etag", "vary", "content-encoding") if name in query}
        body = "0123456789" * int(query.get("tens", "10"))
        return names.Response(body, media_type=query.get("type", "text/plain"), headers=headers)

    async def stream(request: Any) -> Any:
        async def chunks() -> Any:
            for chunk in request.query_params.getlist("piece"):
                yield chunk * 60

        return names.StreamingResponse(chunks(), media_type=request.query_params.get("type", "text/plain"))

    return names.Application(
        routes=[names.Route("/", text), names.Route("/stream", stream)],
        middleware=[names.Middleware(names.GZipMiddleware, minimum_size=100, exclude_content_types=("image/*", "a/b"))],
    )


def hosts(names: Names) -> Any:
    async def page(request: Any) -> Any:
        return names.PlainTextResponse("page")

    allowed = ["good.example", "*.wild.example", "www.plain.example", "[::1]"]
    return names.Application(
        routes=[names.Route("/{rest:path}", page)],
        middleware=[names.Middleware(names.TrustedHostMiddleware, allowed_hosts=allowed)],
    )


def https(names: Names) -> Any:
    async def page(request: Any) -> Any:
        return names.PlainTextResponse(request.url.scheme)

    return names.Application(
        routes=[names.Route("/{rest:path}", page)], middleware=[names.Middleware(names.HTTPSRedirectMiddleware)]
    )


def body_limit(names: Names, limited_by: str = "application") -> Any:
    async def size(request: Any) -> Any:
        return names.PlainTextResponse(str(len(await request.body())))

    async def chunks(request: Any) -> Any:
        return names.PlainTextResponse(str([len(chunk) async for chunk in request.stream()]))

    async def unread(request: Any) -> Any:
        return names.PlainTextResponse("unread")

    async def read_first(request: Any, call_next: Any) -> Any:
        await request.body()
        return await call_next(request)

    Route = partial(names.Route, methods=["POST"])
    routes = [
        Route("/size", size),
        Route("/pieces", chunks),
        Route("/unread", unread),
        Route("/wide", size, max_body_size=20),
        names.Mount("/narrow", routes=[Route("/size", size), Route("/wide", size, max_body_size=20)], max_body_size=3),
    ]
    if limited_by == "router":
        return names.Router(routes, max_body_size=10)
    if limited_by == "middleware":
        return names.RequestBodyLimitMiddleware(names.Router(routes), max_body_size=10)
    reading = names.Middleware(names.BaseHTTPMiddleware, dispatch=read_first)
    middleware = [reading] if limited_by == "application that reads" else []
    return names.Application(routes=routes, middleware=middleware, max_body_size=10)


BODY_LIMITS = ("router", "middleware", "application that reads")


def sessions(names: Names, **options: Any) -> Any:
    """Each request does to its session what the JSON of its body says: {"set": {}, "pop": [], "clear": true}."""

    async def work(request: Any) -> Any:
        orders = await request.json()
        session = request.session if orders is not None else {}
        for order, what in (orders or {}).items():
            if order == "set":
                session.update(what)
            elif order == "pop":
                for key in what:
                    session.pop(key, None)
            elif order == "clear":
                session.clear()
            elif order == "default":
                for key in what:
                    session.setdefault(key, 1)
        return names.JSONResponse({"session": dict(session), "keys": list(session), "length": len(session)})

    options = {"secret_key": "key", **options}
    return names.Application(
        routes=[names.Route("/", work, methods=["POST"])],
        middleware=[names.Middleware(names.SessionMiddleware, **options)],
    )


def authentication(names: Names) -> Any:
    class ByHeader(names.AuthenticationBackend):  # type: ignore[misc] # a class of either toolkit
        async def authenticate(self, conn: Any) -> Any:
            name = conn.headers.get("x-user")
            if name == "wrong":
                raise names.AuthenticationError("no such user")
            if name is None:
                return None
            return names.AuthCredentials(conn.headers.get("x-scopes", "").split()), names.SimpleUser(name)

    async def who(request: Any) -> Any:
        user, auth = request.user, request.auth
        return names.JSONResponse([user.is_authenticated, user.display_name, list(auth.scopes)])

    @names.requires("read")
    async def read(request: Any) -> Any:
        return await who(request)

    @names.requires(["read", "write"], status_code=404)
    def write(request: Any) -> Any:
        return names.PlainTextResponse(request.user.display_name)

    @names.requires("read", redirect="who")
    async def sent(request: Any) -> Any:
        return await who(request)

    @names.requires("read")
    async def socket(websocket: Any) -> None:
        await websocket.accept()
        await websocket.close()

    routes = [names.Route("/who", who), names.Route("/read", read), names.Route("/write", write)]
    return names.Application(
        routes=[*routes, names.Route("/sent", sent), names.WebSocketRoute("/socket", socket)],
        middleware=[names.Middleware(names.AuthenticationMiddleware, backend=ByHeader())],
    )


def base_http(names: Names) -> Any:
    """Two functions as middleware; the query string says what they do."""

    class Layer(names.BaseHTTPMiddleware):  # type: ignore[misc] # a class of either toolkit
        async def dispatch(self, request: Any, call_next: Any) -> Any:
            query = request.query_params
            if "body" in query:
                request.state.seen = len(await request.body())
            if "early" in query:
                return names.PlainTextResponse("early", 202)
            if "broken" in query:
                raise KeyError("broken")
            if "refused" in query:
                raise names.HTTPException(409, "refused by a layer", {"x-layer": "1"})
            try:
                response = await call_next(request)
            except ValueError as exc:
                if "catch" not in query:
                    raise
                return names.PlainTextResponse(f"caught {exc}", 400)
            response.headers["x-seen"] = str(getattr(request.state, "seen", None))
            response.headers.append("x-layer", "inner")
            if "close" in query:
                async for first in response.body_iterator:
                    if first:
                        break
                await response.body_iterator.aclose()
                return names.PlainTextResponse("closed")
            if "replace" in query:
                chunks = [chunk async for chunk in response.body_iterator]
                return names.Response(b"<" + b"".join(chunks) + b">", response.status_code)
            return response

    async def outer(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        if "variable" in request.query_params:
            response.headers["x-variable"] = SET_BELOW.get()
        response.headers.append("x-layer", "outer")
        if "cookie" in request.query_params:
            response.set_cookie("layer", "1")
        return response

    async def echo(request: Any) -> Any:
        SET_BELOW.set("by the endpoint")
        return names.Response(await request.body(), media_type="text/plain")

    async def stream(request: Any) -> Any:
        async def chunks() -> Any:
            async for chunk in request.stream():
                yield b"[" + chunk + b"]"

        return names.StreamingResponse(chunks())

    async def fail(request: Any) -> Any:
        raise ValueError("fail")

    async def missing(request: Any) -> Any:
        raise names.HTTPException(404, "missing")

    methods = ["GET", "POST"]
    routes = [names.Route("/echo", echo, methods=methods), names.Route("/stream", stream, methods=methods)]
    return names.Application(
        routes=[*routes, names.Route("/fail", fail), names.Route("/missing", missing)],
        middleware=[names.Middleware(names.BaseHTTPMiddleware, dispatch=outer), names.Middleware(Layer)],
    )


async def _read(request: Any, what: str) -> Any:
    """What is read of a request, or why it is not."""
    try:
        if what == "body":
            return (await request.body()).decode()
        if what == "json":
            return await request.json()
        if what == "stream":
            return [chunk.decode() async for chunk in request.stream()]
        if what in ("form", "file"):
            form = await request.form()
            file = form.get("file")
            if what == "file" and file is not None:
                return (await file.read()).decode()
            return list(form)
    except RuntimeError as exc:
        return f"{exc}"
    except Exception as exc:  # noqa: BLE001 - what was raised is compared
        return type(exc).__name__


def errors(names: Names, debug: bool = False) -> Any:
    raised = {"base": Base("b"), "derived": Derived("d"), "unhandled": Unhandled("u"), "key": KeyError("k")}

    async def fail(request: Any) -> Any:
        query = request.query_params
        what = query.get("what", "http")
        if what in raised:
            raise raised[what]
        headers = {"x-error": "1"} if "headers" in query else None
        raise names.HTTPException(int(query.get("status", "400")), query.get("detail"), headers)

    def fail_sync(request: Any) -> Any:
        raise Derived("sync")

    async def midway(request: Any) -> Any:
        async def chunks() -> Any:
            yield "one"
            raise Base("midway")

        return names.StreamingResponse(chunks())

    async def read(request: Any) -> Any:
        query = request.query_params
        await _read(request, query.get("before", "nothing"))
        if query.get("what") == "unhandled":  # its handler gets another request there, which does not close the files
            await request.close()
        raise raised[query.get("what", "base")]

    async def on_base(request: Any, exc: Exception) -> Any:
        found = await _read(request, request.query_params.get("after", "nothing"))
        await request.close()
        return names.JSONResponse({"handled": type(exc).__name__, "path": request.url.path, "read": found}, 418)

    def on_teapot(request: Any, exc: Any) -> Any:
        return names.PlainTextResponse(f"{exc.status_code} {exc.detail}", exc.status_code, exc.headers)

    async def on_500(request: Any, exc: Exception) -> Any:
        found = await _read(request, request.query_params.get("after", "nothing"))
        return names.PlainTextResponse(f"my own 500 {found}", 500)

    async def socket(websocket: Any) -> None:
        if websocket.query_params.get("when") == "after":
            await websocket.accept()
        if websocket.query_params.get("what") == "http":
            raise names.HTTPException(403, "no sockets", {"x-error": "1"})
        raise names.WebSocketException(3000, "because")

    routes = [names.Route("/fail", fail), names.Route("/sync", fail_sync), names.Route("/midway", midway)]
    routes += [names.Route("/read", read, methods=["POST"])]
    handlers: dict[Any, Any] = {Base: on_base, 419: on_teapot, 405: on_teapot}
    if not debug:
        handlers[500] = on_500
    return names.Application(
        debug=debug, routes=[*routes, names.WebSocketRoute("/socket", socket)], exception_handlers=handlers
    )


def endpoints(names: Names) -> Any:
    class Item(names.HTTPEndpoint):  # type: ignore[misc] # a class of either toolkit
        async def get(self, request: Any) -> Any:
            return names.PlainTextResponse(f"get {request.path_params.get('name', '')}")

        def post(self, request: Any) -> Any:
            return names.PlainTextResponse("post", 201)

        async def query(self, request: Any) -> Any:
            return names.PlainTextResponse("query")

    class Empty(names.HTTPEndpoint): ...  # type: ignore[misc] # a class of either toolkit

    def chatter(kind: str) -> Any:
        class Chat(names.WebSocketEndpoint):  # type: ignore[misc] # a class of either toolkit
            encoding = None if kind == "any" else kind

            async def on_receive(self, websocket: Any, data: Any) -> None:
                await websocket.send_text(f"{type(data).__name__} {data!r}")

        return Chat

    sockets = [names.WebSocketRoute(f"/{kind}", chatter(kind)) for kind in ("text", "bytes", "json", "any")]
    return names.Application(
        routes=[names.Route("/item", Item), names.Route("/item/{name}", Item), names.Route("/empty", Empty), *sockets]
    )


def sockets(names: Names) -> Any:
    """A WebSocket that does, one by one, what its query string says; an error ends it or is sent."""

    async def script(websocket: Any) -> None:
        for step in websocket.query_params.getlist("do"):
            try:
                await perform(websocket, step)
            except (RuntimeError, names.WebSocketDisconnect) as exc:
                if "tell" not in websocket.query_params:
                    raise
                results.append([type(exc).__name__, getattr(exc, "code", None), getattr(exc, "reason", None)])
        results.append([websocket.client_state.name, websocket.application_state.name])

    results: list[Any] = []

    async def perform(websocket: Any, step: str) -> None:
        verb, _, value = step.partition(":")
        if verb == "accept":
            await websocket.accept(subprotocol=value or None, headers=[(b"x-one", b"1")] if value else None)
        elif verb == "deny":
            await websocket.send_denial_response(names.PlainTextResponse("denied", 403, {"x-why": value}))
        elif verb == "close":
            await websocket.close(int(value or 1000), "reason" if value else None)
        elif verb == "send":
            await {"text": websocket.send_text, "bytes": lambda text: websocket.send_bytes(text.encode())}[value](step)
        elif verb == "send_json":
            await websocket.send_json({"a": [1, "é"]}, mode=value or "text")
        elif verb == "iterate":
            kinds = {"text": websocket.iter_text, "bytes": websocket.iter_bytes, "json": websocket.iter_json}
            async for one in kinds[value]():
                await websocket.send_text(f"got {one!r}")
        elif verb == "receive":
            if value == "text":
                got: Any = await websocket.receive_text()
            elif value == "bytes":
                got = await websocket.receive_bytes()
            elif value == "message":
                got = await websocket.receive()
            else:
                got = await websocket.receive_json(mode=value or "text")
            results.append(json.loads(json.dumps(got, default=repr)))

    application = names.Application(routes=[names.WebSocketRoute("/", script)])

    async def with_recorded(scope: Any, receive: Any, send: Any) -> None:
        """The results of the script are the last message."""
        results.clear()
        try:
            await application(scope, receive, send)
        finally:
            await send({"type": "told", "told": list(results)})

    return with_recorded

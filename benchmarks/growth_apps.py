"""The applications of `benchmarks.growth`: each is made for a package and a size.

Functions with many parameters are written as text: a signature is what is measured.
"""

from collections.abc import AsyncIterator, Callable
from importlib import import_module
from types import SimpleNamespace as Namespace
from typing import Annotated, Any

from pydantic import BaseModel, create_model

from benchmarks.models import User
from benchmarks.toolkit_apps import Kit, Layer, one_route

TELEMETRY = dict.fromkeys(("tracing", "metrics", "logs", "operation_spans"), False)
CHUNK = 64 * 1024

Build = Callable[[str, int], Any]


def typed(package: str) -> Namespace:
    """What a typed application imports, and its class as `App`."""
    module = import_module(package)
    names = ("Body", "Depends", "File", "Form", "Query", "UploadFile")
    found = Namespace(**{name: getattr(module, name) for name in names})
    if package == "fastapi":
        found.App = lambda: module.FastAPI(telemetry=TELEMETRY)
    else:
        found.App = module.App
    return found


def function(text: str, name: str, **namespace: Any) -> Any:
    """The function that this text defines, with the names that its annotations use."""
    scope: dict[str, Any] = {"Annotated": Annotated, "Any": Any, **namespace}
    exec(text, scope)
    return scope[name]


# -- typed applications ------------------------------------------------------------------------------------------------


def typed_routes(package: str, count: int) -> Any:
    names = typed(package)
    app = names.App()

    def add(number: int) -> None:
        @app.get(f"/part-{number}/{{item_id}}")
        async def read(item_id: int, q: str | None = None) -> dict[str, Any]:
            return {"item_id": item_id, "q": q}

    for number in range(count):
        add(number)
    return app


def chain(package: str, count: int) -> Any:
    """Each dependency needs the one before."""
    names = typed(package)

    async def first(q: int = 1) -> int:
        return q

    last = first
    for number in range(1, count):
        text = f"async def d{number}(value: Annotated[int, Depends(before)]) -> int:\n    return value + 1\n"
        last = function(text, f"d{number}", Depends=names.Depends, before=last)
    return with_endpoint(names, "value: Annotated[int, Depends(last)]", "value", last=last)


def flat(package: str, count: int) -> Any:
    """One endpoint needs all dependencies."""
    names = typed(package)
    made = {}
    for number in range(count):
        made[f"d{number}"] = function(f"async def d{number}() -> int:\n    return {number}\n", f"d{number}")
    parameters = ", ".join(f"v{number}: Annotated[int, Depends(d{number})]" for number in range(count))
    return with_endpoint(names, parameters, " + ".join(f"v{number}" for number in range(count)), **made)


def query(package: str, count: int) -> Any:
    parameters = ", ".join(f"p{number}: int" for number in range(count))
    return with_endpoint(typed(package), parameters, " + ".join(f"p{number}" for number in range(count)))


def with_endpoint(names: Namespace, parameters: str, result: str, **namespace: Any) -> Any:
    text = f'async def endpoint({parameters}) -> dict[str, int]:\n    return {{"sum": {result}}}\n'
    app = names.App()
    app.get("/")(function(text, "endpoint", Depends=names.Depends, **namespace))
    return app


def query_list(package: str, count: int) -> Any:
    names = typed(package)
    app = names.App()

    @app.get("/")
    async def endpoint(ids: Annotated[list[int], names.Query()]) -> dict[str, int]:
        return {"sum": sum(ids)}

    return app


def models(package: str, count: int) -> Any:
    app = typed(package).App()

    @app.post("/")
    async def endpoint(users: list[User]) -> dict[str, int]:
        return {"count": len(users)}

    return app


def models_out(package: str, count: int) -> Any:
    from benchmarks.models import make_user  # noqa: PLC0415 - only this application makes users

    app = typed(package).App()
    made = [make_user(number + 1) for number in range(count)]

    @app.get("/")
    async def endpoint() -> list[User]:
        return made

    return app


def nested(package: str, depth: int) -> Any:
    """A model in a model in a model."""
    app = typed(package).App()
    model: Any = create_model("Level0", value=(int, ...))
    for number in range(1, depth):
        model = create_model(f"Level{number}", inner=(model, ...), value=(int, ...))

    async def endpoint(item: Any) -> Any:
        return item

    endpoint.__annotations__ = {"item": model, "return": model}
    app.post("/")(endpoint)
    return app


def form_list(package: str, count: int) -> Any:
    names = typed(package)
    app = names.App()

    @app.post("/")
    async def endpoint(ids: Annotated[list[int], names.Form()]) -> dict[str, int]:
        return {"sum": sum(ids)}

    return app


def form_model(package: str, count: int) -> Any:
    names = typed(package)
    app = names.App()
    fields: dict[str, Any] = {f"p{number}": (int, ...) for number in range(count)}
    model: type[BaseModel] = create_model("Fields", **fields)

    async def endpoint(fields: Any) -> dict[str, int]:
        return {"sum": sum(value for _, value in fields)}

    endpoint.__annotations__ |= {"fields": Annotated[model, names.Form()]}
    app.post("/")(endpoint)
    return app


def typed_upload(package: str, size: int) -> Any:
    names = typed(package)
    app = names.App()

    async def endpoint(file: Any) -> dict[str, int]:
        size = 0
        while piece := await file.read(CHUNK):
            size += len(piece)
        return {"size": size}

    endpoint.__annotations__ |= {"file": names.UploadFile}
    app.post("/")(endpoint)
    return app


# -- plain applications ------------------------------------------------------------------------------------------------


def plain_routes(package: str, count: int) -> Any:
    kit = Kit(package)

    async def endpoint(request: Any) -> Any:
        return kit.PlainTextResponse(request.path_params["item_id"])

    return kit.Application(routes=[kit.Route(f"/part-{number}/{{item_id}}", endpoint) for number in range(count)])


def plain_form(package: str, count: int) -> Any:
    kit = Kit(package)

    async def endpoint(request: Any) -> Any:
        async with request.form() as fields:
            return kit.JSONResponse({"count": len(fields)})

    return one_route(kit, endpoint, ["POST"])


def plain_query(package: str, count: int) -> Any:
    kit = Kit(package)

    async def endpoint(request: Any) -> Any:
        return kit.JSONResponse({"count": len(request.query_params.multi_items())})

    return one_route(kit, endpoint)


def cookies(package: str, count: int) -> Any:
    kit = Kit(package)

    async def endpoint(request: Any) -> Any:
        return kit.JSONResponse({"count": len(request.cookies)})

    return one_route(kit, endpoint)


def body(package: str, size: int) -> Any:
    kit = Kit(package)

    async def endpoint(request: Any) -> Any:
        return kit.JSONResponse({"size": len(await request.body())})

    return one_route(kit, endpoint, ["POST"])


def stream_in(package: str, size: int) -> Any:
    kit = Kit(package)

    async def endpoint(request: Any) -> Any:
        size = 0
        async for piece in request.stream():
            size += len(piece)
        return kit.JSONResponse({"size": size})

    return one_route(kit, endpoint, ["POST"])


def stream_out(package: str, count: int) -> Any:
    kit = Kit(package)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 100

    async def endpoint(request: Any) -> Any:
        return kit.StreamingResponse(pieces(), media_type="text/plain")

    return one_route(kit, endpoint)


def compressed(package: str, size: int) -> Any:
    """Text of so many bytes, compressed."""
    kit = Kit(package)
    line = "what a page repeats, and what it does not: "
    text = "".join(f"{line}{number**5}\n" for number in range(size // 50))[:size]

    async def endpoint(request: Any) -> Any:
        return kit.PlainTextResponse(text)

    return one_route(kit, endpoint, middleware=[kit.Middleware(kit.GZipMiddleware, compresslevel=6)])


def asgi_layers(package: str, count: int) -> Any:
    kit = Kit(package)

    async def endpoint(request: Any) -> Any:
        return kit.PlainTextResponse("Hello, world!")

    return one_route(kit, endpoint, middleware=[kit.Middleware(Layer) for _ in range(count)])


def dispatch_layers(package: str, count: int) -> Any:
    kit = Kit(package)

    async def dispatch(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    async def endpoint(request: Any) -> Any:
        return kit.PlainTextResponse("Hello, world!")

    layers = [kit.Middleware(kit.BaseHTTPMiddleware, dispatch=dispatch) for _ in range(count)]
    return one_route(kit, endpoint, middleware=layers)


def echo(package: str, count: int) -> Any:
    kit = Kit(package)

    async def endpoint(websocket: Any) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text)

    return kit.Application(routes=[kit.WebSocketRoute("/", endpoint)])

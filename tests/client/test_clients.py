"""Clients call operations by name and by function: in process, over HTTP, with `async` and without."""

import inspect
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path as FilePath
from typing import Annotated, Any

import anyio
import httpx2
import pytest
from pydantic import BaseModel

from signette import App, BackgroundTasks, Cookie, Created, Header, Host, Path, Problem, Request, Router
from signette.client import ArgumentError, AsyncClient, Client, UnexpectedResponse, Unsupported, operations_of
from signette.client.asgi import ASGITransport
from signette.client.runtime.http import BlockingHTTPTransport, HTTPTransport
from signette.client.runtime.spec import OperationSpec
from signette.client.runtime.transport import Sent
from signette.sources import Source
from tests.interop.serving import served

ROOT = FilePath(__file__).parents[2]


class Order(BaseModel):
    sku: str
    count: int = 1


class OutOfStock(Problem, status=409):
    """There are fewer items left than were ordered."""

    sku: str


def shop() -> App:
    log: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
        log.append("start")
        yield {"opened": True}
        log.append("stop")

    app = App(lifespan=lifespan)
    app.state.log = log

    @app.post("/{shop}/orders")
    async def create_order(shop: str, order: Order) -> Created[Order] | OutOfStock:
        """Order something."""
        if order.count > 5:
            return OutOfStock(sku=order.sku)
        return Created(order, headers={"Location": f"/orders/{order.sku}"})

    @app.get("/echo")
    async def echo(
        request: Request, q: str | None = None, x_note: Annotated[str | None, Header()] = None
    ) -> dict[str, Any]:
        return {"q": q, "note": x_note, "agent": request.headers.get("x-agent"), "opened": request.state.opened}

    @app.get("/paths/{value}/{rest:path}")
    async def echo_path(value: str, rest: str, q: str) -> list[str]:
        return [value, rest, q]

    @app.get("/heads")
    async def echo_head(
        x_note: Annotated[str, Header()], note: Annotated[str, Cookie()], x_list: Annotated[list[str], Header()]
    ) -> list[Any]:
        return [x_note, note, x_list]

    @app.delete("/orders")
    async def clear() -> None:
        """Delete all."""

    @app.get("/fails")
    async def fails() -> int:
        raise LookupError("a secret")

    @app.get("/two")
    @app.post("/two")
    async def two() -> int:
        return 2

    return app


@pytest.fixture(params=["in process", "over HTTP"])
def connected(request: pytest.FixtureRequest) -> Iterator[Callable[[], AsyncClient]]:
    app = shop()
    if request.param == "in process":
        yield app.client
    else:
        with served(app) as server:
            yield lambda: AsyncClient(app, base_url=str(server.base_url))


async def test_an_operation_is_called_by_name(connected: Callable[[], AsyncClient]) -> None:
    async with connected() as client:
        assert await client.create_order(shop="a/b", order=Order(sku="x y")) == Order(sku="x y")
        assert await client.echo(q="ü&=", x_note="n") == {"q": "ü&=", "note": "n", "agent": None, "opened": True}
        assert await client.clear() is None


NASTY = ["a/b", "..", ".", "%2F", "ü漢", "a?b#c", " a b ", "+&=;", "~[x]{y}", "\\\\", "'\"", "a%20b", "//"]


async def test_texts_arrive_as_they_are(connected: Callable[[], AsyncClient]) -> None:
    async with connected() as client:
        for text in NASTY:
            assert await client.echo_path(value=text, rest=text, q=text) == [text, text, text], text
        latin = 'é ;,"\\\\='
        assert await client.echo_head(x_note="é x", note=latin, x_list=["a", "b, c"]) == ["é x", latin, ["a", "b, c"]]


async def test_a_reply_has_the_status_and_the_headers(connected: Callable[[], AsyncClient]) -> None:
    async with connected() as client:
        reply = await client.create_order.reply(shop="a", order=Order(sku="x"))
        assert (reply.status, reply.location, reply.value) == (201, "/orders/x", Order(sku="x"))
        assert (await client.reply("clear")).status == 204
        assert reply.header("Content-Type") == "application/json"


async def test_a_problem_that_the_signature_returns_is_returned(connected: Callable[[], AsyncClient]) -> None:
    async with connected() as client:
        found = await client.create_order(shop="a", order=Order(sku="x", count=9))
        assert isinstance(found, OutOfStock)
        assert found.sku == "x"


async def test_options_change_one_view_of_the_client(connected: Callable[[], AsyncClient]) -> None:
    async with connected() as client:
        other = client.with_options(headers={"X-Agent": "me"}, timeout=5)
        assert (await other.echo())["agent"] == "me"
        assert (await other.with_options(headers={"x-note": "n"}).echo()) == {
            "q": None, "note": "n", "agent": "me", "opened": True,
        }  # fmt: skip
        assert (await client.echo())["agent"] is None


async def test_encoders_are_made_once_for_all_views_of_a_client() -> None:
    client = shop().client()
    operation = client.clear.operation
    other = client.with_options(headers={"x-agent": "me"})
    assert other._calls.prepared.of(operation).encoder is client._calls.prepared.of(operation).encoder


async def test_a_500_is_unexpected(connected: Callable[[], AsyncClient]) -> None:
    async with connected() as client:
        with pytest.raises(UnexpectedResponse, match=": status 500, application") as caught:
            await client.fails()
    # In process, the exception of the application is the cause.
    assert caught.value.__cause__ is None or isinstance(caught.value.__cause__, LookupError)


def test_a_client_without_async_calls_in_process_and_over_http() -> None:
    app = shop()

    def check(client: Client) -> None:
        assert client.create_order(shop="a", order={"sku": "x"}) == Order(sku="x")
        assert client.reply("create_order", shop="a", order={"sku": "x"}).location == "/orders/x"
        assert client.with_options(headers={"x-agent": "me"}).echo()["agent"] == "me"
        assert client.call_json("create_order", {"shop": "a", "order": {"sku": "x"}}) == Order(sku="x")

    with Client(app) as client:
        check(client)
    assert app.state.log == ["start", "stop"]
    with served(app) as server, Client(app, base_url=str(server.base_url)) as client:
        check(client)


def test_a_client_without_async_must_be_open_to_call_in_process() -> None:
    with pytest.raises(RuntimeError, match=r"with Client\(app\) as client"):
        Client(shop()).clear()


async def test_the_lifespan_runs_inside_of_the_client_once() -> None:
    app = shop()
    async with app.client() as client:
        assert app.state.log == ["start"]
        async with app.client() as inner:  # the application is running
            assert await inner.clear() is None
        assert app.state.log == ["start"]
        assert await client.clear() is None
    assert app.state.log == ["start", "stop"]


async def test_a_lifespan_that_fails_is_raised() -> None:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        raise OSError("no database")
        yield

    with pytest.raises(OSError, match="no database"):
        async with App(lifespan=lifespan).client():
            pass


async def test_operations_are_called_by_function() -> None:
    app = shop()
    endpoints: Any = {route.name: route.endpoint for route in app.routes}
    async with app.client() as client:
        assert await client.call(endpoints["create_order"], shop="a", order=Order(sku="x")) == Order(sku="x")
        assert (await client.reply(endpoints["clear"])).status == 204
        assert await client.call("create_order", shop="a", order=Order(sku="x")) == Order(sku="x")
        with pytest.raises(LookupError, match="two` has several operations; use a name: `two_post` or `two_get`"):
            client.call(endpoints["two"])
        with pytest.raises(LookupError, match="is not the endpoint of an operation"):
            client.call(shop)
        with pytest.raises(LookupError, match="there is no operation `nothing`; there are: clear, create_order"):
            client.call("nothing")


def test_an_operation_has_a_signature_and_a_docstring() -> None:
    client = shop().client()
    create = client.create_order
    assert create is client.create_order
    assert str(inspect.signature(create)) == f"(*, shop: str, order: {Order.__module__}.Order)"
    assert create.__doc__ == "Order something."
    assert repr(create) == "<operation create_order: POST /{shop}/orders>"
    assert {"create_order", "clear", "call"} <= set(dir(client))
    with pytest.raises(AttributeError, match="has no operation `create_oder`; did you mean `create_order`"):
        _ = client.create_oder


def test_errors_of_arguments_are_raised_by_the_call_itself() -> None:
    client = shop().client()
    with pytest.raises(ArgumentError, match="`create_order`: argument `order` is missing"):
        client.create_order(shop="a")


async def test_json_values_are_arguments() -> None:
    async with shop().client() as client:
        assert await client.call_json("create_order", {"shop": "a", "order": {"sku": "x"}}) == Order(sku="x")
        with pytest.raises(UnexpectedResponse, match="error:    /sku: Field required"):
            await client.call_json("create_order", {"shop": "a", "order": {}})


async def test_operations_may_be_passed_without_their_application() -> None:
    app = shop()
    operations = operations_of(app)
    with served(app) as server:
        async with AsyncClient(operations, base_url=str(server.base_url)) as client:
            assert client.operations == operations
            assert await client.create_order(shop="a", order=Order(sku="x")) == Order(sku="x")
    for cls in (AsyncClient, Client):
        with pytest.raises(TypeError, match="need a `base_url`"):
            cls(operations)
        with pytest.raises(TypeError, match="a client needs an `App`"):
            cls(3)
        with pytest.raises(TypeError, match="pass `base_url` or `transport`"):
            cls(app, base_url="http://x", transport=HTTPTransport("http://x"))  # type: ignore[arg-type]


async def test_your_own_http_client_is_used_and_stays_open() -> None:
    app = shop()
    with served(app) as server:
        async with httpx2.AsyncClient(headers={"x-agent": "own"}, trust_env=False) as http:
            async with AsyncClient(app, transport=HTTPTransport(str(server.base_url), client=http)) as client:
                assert (await client.echo())["agent"] == "own"
            assert not http.is_closed


def test_so_is_one_without_async() -> None:
    app = shop()
    with served(app) as server, httpx2.Client(headers={"x-agent": "own"}, trust_env=False) as blocking:
        with Client(app, transport=BlockingHTTPTransport(str(server.base_url), client=blocking)) as client:
            assert client.echo()["agent"] == "own"
        assert not blocking.is_closed


async def test_a_call_that_takes_too_long_is_ended() -> None:
    app = App()

    @app.get("/")
    async def never() -> int:
        await anyio.sleep_forever()
        return 1

    with pytest.raises(TimeoutError):
        await app.client(timeout=0.01).never()


async def test_background_tasks_run_before_a_call_in_process_returns() -> None:
    app, done = App(), []

    @app.post("/")
    async def later(tasks: BackgroundTasks) -> int:
        tasks.add_task(done.append, 1)
        return 1

    await app.client().later()
    assert done == [1]


async def test_an_application_that_sends_nothing_is_an_error() -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None: ...

    with pytest.raises(RuntimeError, match="has sent no response to GET /x"):
        await ASGITransport(silent).send(Sent("GET", "/x"))


# -- which operations there are ----------------------------------------------------------------------------------------


async def test_mounted_operations_have_unique_names_and_whole_paths() -> None:
    app = App()
    inner = App()

    @app.get("/items/{item}")
    async def read(item: int) -> str:
        return f"outer {item}"

    @inner.get("/items/{item}")
    async def read_inner(item: int) -> str:
        return f"inner {item}"

    read_inner.__name__ = "read"
    inner_again = App()
    inner_again.add_api_route("/items/{item}", read_inner, ["GET"], name="read")
    app.mount("/shop", inner_again, name="shop")
    found = {each.name: (each.path, each.in_schema) for each in operations_of(app)}
    assert found == {"read": ("/items/{item}", True), "shop_read": ("/shop/items/{item}", False)}
    client = app.client()
    assert await client.read(item=1) == "outer 1"
    assert await client.shop_read(item=2) == "inner 2"


async def test_the_parameters_of_a_mount_are_arguments() -> None:
    app = App()
    router = Router()

    @router.get("/users/{user}")
    async def read(tenant: Annotated[str, Path()], user: int) -> list[Any]:
        return [tenant, user]

    app.mount("/t/{tenant}", router)
    (operation,) = operations_of(app)
    assert (operation.path, operation.order) == ("/t/{tenant}/users/{user}", ("tenant", "user"))
    assert await app.client().read(tenant="a b", user=3) == ["a b", 3]


async def test_the_parameters_of_a_host_are_arguments() -> None:
    inner = Router()

    @inner.get("/items/{item}")
    async def read(shop: Annotated[str, Path()], item: int) -> list[Any]:
        return [shop, item]

    @inner.get("/")
    async def root() -> int:
        return 1

    app = App()
    app.routes.append(Host("{shop}.example.org", inner))
    assert [(each.host, each.order) for each in operations_of(app)] == [
        ("{shop}.example.org", ("shop", "item")), ("{shop}.example.org", ("shop",)),
    ]  # fmt: skip
    client = app.client()
    assert await client.read(shop="north", item=3) == ["north", 3]
    assert await client.root(shop="south") == 1
    with pytest.raises(ArgumentError, match="argument `shop` cannot be sent in a host name"):
        client.root(shop="a b")


def test_names_are_the_operation_ids_of_the_document() -> None:
    app = shop()
    documented = {
        operation["operationId"]: (method.upper(), path)
        for path, item in app.openapi()["paths"].items()
        for method, operation in item.items()
    }
    assert {each.name: (each.method, each.path) for each in operations_of(app)} == documented


class Tenant(Source):
    place = "header"

    def get(self, opened: Any, key: str) -> Any:
        return opened

    def claims(self, parameter: Any) -> bool:
        return bool(parameter.name == "tenant")


async def test_a_source_of_the_application_is_reported_when_the_operation_is_called() -> None:
    app = App(sources=[Tenant()])

    @app.get("/")
    async def read(tenant: str) -> int:
        return 1

    (operation,) = operations_of(app)
    assert operation.unsupported == "parameter `tenant` is read by the source <source header> of the application"
    with pytest.raises(Unsupported, match="parameter `tenant` is read by the source"):
        app.client().read()


def test_specs_may_be_written_by_hand() -> None:
    client = AsyncClient([OperationSpec("ping", "GET", "/ping")], base_url="http://x")
    assert client.ping.operation.path == "/ping"


WITHOUT_HTTPX2 = """
import sys
sys.modules["httpx2"] = None
import anyio
from signette import App
from signette.client import AsyncClient
app = App()
@app.get("/")
async def read() -> int:
    return 1
async def main():
    async with app.client() as client:
        print(await client.read())
    try:
        AsyncClient(app, base_url="http://x")
    except ImportError as exc:
        print(exc)
anyio.run(main)
"""


def test_only_a_client_over_http_needs_httpx2() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_HTTPX2], capture_output=True, text=True, check=True, cwd=ROOT)
    message = "a client over HTTP requires httpx2. Install it with `pip install 'signette[client]'`."
    assert done.stdout.splitlines() == ["1", message]

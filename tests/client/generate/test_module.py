"""Generated modules: names, signatures, docstrings, and what they do."""

import ast
import inspect
import sys
import types
from collections.abc import Iterator
from itertools import count
from typing import Annotated, Any, NewType

import httpx2
import pytest
from pydantic import BaseModel

from signette import App, Body, Created, File, Patch, Problem, Query, Router, UploadFile
from signette.client.generate.errors import GenerationError
from signette.client.generate.module import client_module, is_same_code

_numbers = count()
Sku = NewType("Sku", str)


class Item(BaseModel):
    """Something to order."""

    sku: Sku
    count: int = 1


class Order(BaseModel):
    id: int
    items: list[Item]


class OutOfStock(Problem, status=409, detail="{left} left"):
    """There are fewer items left than were ordered."""

    left: int


class NotFound(Problem, status=404):
    """There is no such order."""


def make_app(*, reverse: bool = False) -> App:
    app = App(title="Shop", version="2.1")
    orders = Router(prefix="/orders")

    async def create_order(
        item: Item, note: Annotated[str, Query(description="For the parcel.")] = ""
    ) -> Created[Order] | OutOfStock:
        """Order an item.

        It is sent at once.
        """
        if item.count > 3:
            return OutOfStock(left=3)
        return Created(Order(id=len(note), items=[item]), headers={"Location": "/orders/7"})

    async def read_order(order_id: int, tags: Annotated[list[str], Query()] = ["a"]) -> Order:  # noqa: B006
        """Read an order."""
        if order_id == 0:
            raise NotFound
        return Order(id=order_id, items=[Item(sku=Sku(tag)) for tag in tags])

    async def change_order(order_id: int, patch: Patch[Order]) -> Order:
        return patch.apply(Order(id=order_id, items=[]))

    async def upload(file: UploadFile, others: Annotated[list[UploadFile], File()]) -> int:
        return len(await file.read()) + len(others)

    async def hidden() -> None: ...

    routes = [
        lambda: orders.post("")(create_order),
        lambda: orders.get("/{order_id}", responses={404: {"model": NotFound}}, deprecated=True)(read_order),
        lambda: orders.patch("/{order_id}")(change_order),
        lambda: app.post("/files")(upload),
        lambda: app.get("/hidden", include_in_schema=False)(hidden),
    ]
    for add in reversed(routes) if reverse else routes:
        add()
    app.include_router(orders)
    return app


@pytest.fixture(scope="module")
def module() -> Iterator[Any]:
    made = types.ModuleType(f"shop_client_{next(_numbers)}")
    sys.modules[made.__name__] = made
    exec(compile(client_module(make_app()).source, made.__name__, "exec"), vars(made))
    yield made
    del sys.modules[made.__name__]


def signatures() -> dict[str, str]:
    """The methods of `AsyncClient`, as they are written."""
    tree = ast.parse(client_module(make_app()).source)
    client = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "AsyncClient")
    found = [node for node in client.body if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)]
    return {node.name: f"({ast.unparse(node.args)}) -> {ast.unparse(node.returns or node)}" for node in found}


def test_methods_have_typed_arguments_by_keyword_and_typed_results() -> None:
    assert signatures() == {
        "create_order": "(self, *, item: Item, note: str='') -> Order | OutOfStock",
        "change_order": "(self, *, order_id: int, patch: Order | Mapping[str, Any]) -> Order",
        "read_order": "(self, *, order_id: int, tags: list[str] | None=None) -> Order",
        "upload": "(self, *, file: FileInput, others: Sequence[FileInput]) -> int",
    }


def test_docstrings_say_what_endpoints_arguments_and_problems_are_for(module: Any) -> None:
    doc = inspect.getdoc(module.AsyncClient.create_order)
    assert doc == "Order an item.\n\nIt is sent at once.\n\nArgs:\n    note: For the parcel."
    assert "NotFound: There is no such order." in module.Client.read_order.__doc__
    assert module.Item.__doc__ == "Something to order."
    assert "Shop 2.1" in module.__doc__


def test_the_order_of_routes_and_models_makes_no_difference() -> None:
    assert client_module(make_app()).source == client_module(make_app(reverse=True)).source


def test_operations_that_are_not_in_the_document_are_left_out() -> None:
    assert "def hidden(" not in client_module(make_app()).source
    assert "def hidden(" in client_module(make_app(), hidden=True).source


def test_a_module_is_the_same_code_in_another_layout() -> None:
    text = client_module(make_app()).source
    assert is_same_code(text, ast.unparse(ast.parse(text)))
    assert not is_same_code(text, text.replace("/orders/{order_id}", "/orders/{id}"))
    assert not is_same_code(text, "def")


@pytest.fixture
async def client(module: Any) -> Any:
    transport = httpx2.AsyncClient(transport=httpx2.ASGITransport(make_app()))
    async with transport, module.AsyncClient(transport=module.HTTPTransport("http://shop", client=transport)) as made:
        yield made


async def test_a_client_returns_what_the_signature_returns(module: Any, client: Any) -> None:
    item = module.Item(sku=module.Sku("A-1"), count=2)
    assert await client.create_order(item=item, note="abc") == module.Order(id=3, items=[item])
    assert await client.create_order(item=module.Item(sku="A-1", count=9)) == module.OutOfStock(left=3)
    assert await client.change_order(order_id=4, patch={"items": [{"sku": "B"}]}) == module.Order(
        id=4, items=[module.Item(sku="B")]
    )
    assert await client.upload(file=b"abc", others=[b"x", ("b.txt", b"y")]) == 5


async def test_problems_that_it_does_not_return_are_raised(module: Any, client: Any) -> None:
    with pytest.warns(DeprecationWarning, match="`read_order` is deprecated"), pytest.raises(module.NotFound) as raised:
        await client.read_order(order_id=0)
    assert raised.value.status == 404
    with pytest.raises(module.UnexpectedResponse, match="422"):
        await client.change_order(order_id=4, patch={"items": "many"})


async def test_a_reply_has_the_status_and_the_headers(module: Any, client: Any) -> None:
    reply = await client.reply(client.create_order, item=module.Item(sku="A-1"))
    assert (reply.status, reply.location, reply.value.id) == (201, "/orders/7", 0)


async def test_defaults_are_not_sent(module: Any, client: Any) -> None:
    with pytest.warns(DeprecationWarning, match="`read_order`"):
        assert [each.sku for each in (await client.read_order(order_id=1)).items] == ["a"]
    with pytest.warns(DeprecationWarning, match="`read_order`"):
        assert [each.sku for each in (await client.read_order(order_id=1, tags=["b", "c"])).items] == ["b", "c"]
    passed = sys.modules[module.__name__].passed
    operation = module.OPERATIONS["create_order"]
    assert passed(operation, {"item": 1, "note": ""}) == {"item": 1}
    assert passed(operation, {"item": 1, "note": "x"}) == {"item": 1, "note": "x"}


async def test_options_can_be_changed(module: Any, client: Any) -> None:
    changed = client.with_options(headers={"X-Tenant": "a"}, timeout=3.0)
    assert (await changed.create_order(item=module.Item(sku="A"))).id == 0
    with pytest.raises(TypeError, match="has no option `cookies`"):
        client.with_options(cookies={})
    with pytest.raises(TypeError, match="no streams of events"):
        client.with_options(reconnect=3)
    with pytest.raises(TypeError, match="either `base_url` or `transport`"):
        module.AsyncClient()


def test_a_blocking_client_has_the_same_methods(module: Any) -> None:
    def respond(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(201, json={"id": 1, "items": []}, headers={"Location": request.url.path})

    with httpx2.Client(transport=httpx2.MockTransport(respond)) as http:
        client = module.Client(transport=module.BlockingHTTPTransport("http://shop", client=http))
        assert client.create_order(item=module.Item(sku="A")) == module.Order(id=1, items=[])
        assert client.reply(client.create_order, item=module.Item(sku="A")).location == "/orders"
        client.close()


def test_models_can_be_imported() -> None:
    text = client_module(make_app(), "import").source
    assert f"from {__name__} import Item, NotFound, Order, OutOfStock" in text
    assert "class Item(" not in text


def test_a_local_model_cannot_be_imported() -> None:
    class Local(BaseModel):
        pass

    app = App()

    @app.post("/")
    async def send(body: Annotated[Local, Body()]) -> None: ...

    with pytest.raises(
        GenerationError, match=r"argument `body`: `Local`, which cannot be imported from .* has no source"
    ):
        client_module(app, "import")
    assert "class Local(BaseModel):" in client_module(app).source


class Money:
    pass


def test_a_type_without_source_names_the_operation() -> None:
    app = App()

    @app.get("/")
    async def price(currency: Annotated[Any, Query()]) -> "Priced": ...

    with pytest.raises(GenerationError, match=r"Priced\.amount: the type `Money` has no source"):
        client_module(app)


class Priced(BaseModel, arbitrary_types_allowed=True):
    amount: Money | None = None


def test_operations_of_mounted_applications_are_hidden() -> None:
    inner, outer = App(), App()

    async def read_number() -> int:
        return 1

    inner.get("/number")(read_number)
    outer.mount("/shop", inner)
    assert "def read_number(" not in client_module(outer).source
    assert "def read_number(" in client_module(outer, hidden=True).source

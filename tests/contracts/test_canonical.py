"""What clients cannot notice does not change a contract: orders, texts, tags, names of path parameters."""

import json
from collections.abc import Callable
from random import Random
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from signette import App, Created, Depends, Form, Header, Problem, Query, Router, Security, Socket
from signette.contract.application import contract_of
from signette.contract.document import contract_of_document
from signette.contract.model import SCHEMAS, text_of
from signette.declarative.errors.base import SignatureError
from signette.policies import RateLimit
from signette.security import OAuth2PasswordBearer
from tests.contracts.test_documents import validate
from tests.declarative.signatures import NAMESPACE, Written, signatures
from tests.declarative.test_described import odd
from tests.regenerate import EXAMPLES, FOLDER
from tests.volume import examples

# -- documents in another order, with other texts ----------------------------------------------------------------------

WITHOUT_ORDER = ("required", "enum", "anyOf", "allOf", "oneOf", "tags", "parameters", "security", "servers")
SCHEMA_WORDS = ("type", "anyOf", "oneOf", "allOf", "$ref")
TEXTS = ("title", "description", "summary")


def rewritten(value: Any, random: Random, key: str = "") -> Any:
    """The same for clients: members and lists without an order are shuffled, texts are other ones."""
    if isinstance(value, list):
        made = [rewritten(each, random) for each in value]
        if key in WITHOUT_ORDER:
            random.shuffle(made)
        return made
    if not isinstance(value, dict):
        return value
    members = {name: rewritten(each, random, name) for name, each in value.items()}
    for name in TEXTS:
        if isinstance(members.get(name), str) and random.random() < 0.5:
            members[name] = f"Other {random.random()}"
    is_schema = isinstance(value.get("type"), str) or any(isinstance(value.get(word), list) for word in SCHEMA_WORDS)
    if is_schema and "in" not in value and "type" in value and random.random() < 0.5:
        members |= {"description": "Words", "x-more": random.random()}
    names = list(members)
    random.shuffle(names)
    return {name: members[name] for name in names}


@pytest.mark.parametrize("name", ["airports", "market"])
@given(st.randoms(use_true_random=False))
@settings(max_examples=examples(5), suppress_health_check=list(HealthCheck))
def test_orders_and_texts_of_a_document_do_not_change_its_contract(name: str, random: Random) -> None:
    document = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    info = document["info"]
    changed = {**rewritten(document, random), "info": {**info, "description": "Other words"}}
    assert text_of(contract_of_document(changed)) == text_of(contract_of_document(document))


def test_a_difference_for_clients_changes_the_contract() -> None:
    """So that the test above can fail."""
    document = json.loads((FOLDER / "market.json").read_text("utf-8"))
    before = text_of(contract_of_document(document))
    document["paths"]["/offers"]["get"]["parameters"][0]["schema"]["maximum"] = 7
    assert text_of(contract_of_document(document)) != before


# -- the same application, declared in another order -------------------------------------------------------------------


class Item(BaseModel):
    name: str = Field(title="Name", description="What it is.")
    price: int = 0


class Order(BaseModel):
    """An order."""

    items: list[Item]


class Say(BaseModel):
    text: str


class SoldOut(Problem, status=409):
    """It is sold out."""

    left: int


scheme = OAuth2PasswordBearer(tokenUrl="token", scopes={"read": "Read", "write": "Write"})


def add_items(app: App) -> None:
    @app.get("/items/{item_id}", dependencies=[Security(scheme, scopes=["read"])], tags=["a"])
    async def items(item_id: int, x_shop: Annotated[str, Header()] = "a") -> Item: ...


def add_orders(app: App) -> None:
    @app.post("/orders", policies=[RateLimit("5/minute")])
    async def orders(order: Order) -> Created[Order] | SoldOut: ...


def add_form(app: App) -> None:
    @app.post("/form")
    async def form(say: Annotated[Say, Form()], q: Annotated[list[int], Query()] = []) -> None: ...  # noqa: B006


def add_socket(app: App) -> None:
    @app.websocket("/feed/{room}")
    async def feed(room: str, socket: Socket[Say, Item]) -> None: ...


def add_webhook(app: App) -> None:
    @app.webhooks.post("order-sent")
    async def sent(order: Order) -> None: ...


def add_router(app: App) -> None:
    router = Router(prefix="/shop", dependencies=[Depends(scheme)])

    @router.put("/say")
    async def say(say: Say) -> Say: ...

    app.include_router(router)


def add_mounted(app: App) -> None:
    inner = App(title="Inner")

    @inner.get("/orders")
    async def inner_orders() -> Order: ...

    app.mount("/inner", inner)


PARTS = [add_items, add_orders, add_form, add_socket, add_webhook, add_router, add_mounted]


@given(st.permutations(PARTS))
@settings(max_examples=examples(20), suppress_health_check=list(HealthCheck), deadline=None)
def test_the_order_of_declarations_does_not_change_a_contract(parts: list[Callable[[App], None]]) -> None:
    texts = []
    for each in (PARTS, parts):
        app = App(title="Shop")
        for part in each:
            part(app)
        texts.append(text_of(contract_of(app)))
    assert texts[0] == texts[1]


def test_names_of_path_parameters_and_operations_are_labels() -> None:
    def shop(path: str) -> dict[str, Any]:
        app = App(title="Shop")
        app.add_api_route(path, one if "one" in path else two)
        contract = contract_of(app)
        operation: dict[str, Any] = dict(contract["operations"]["GET /items/{}"])
        assert operation.pop("path") == path
        operation["inputs"] = {key: {**each, "name": "-"} for key, each in operation["inputs"].items()}
        return {**operation, "name": "-"}

    async def one(one: int) -> None: ...
    async def two(two: int) -> None: ...

    assert shop("/items/{one}") == shop("/items/{two}")


# -- contracts of all applications are as the schema says --------------------------------------------------------------


def references(value: Any) -> set[str]:
    """The schemas that a value refers to."""
    if isinstance(value, str) and value.startswith(SCHEMAS):
        return {value.removeprefix(SCHEMAS)}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {name for each in inner for name in references(each)}


def test_the_contract_of_an_application_with_everything_fits_the_schema() -> None:
    contract: Any = contract_of(odd)
    validate(contract)
    assert references(contract) == contract["schemas"].keys()
    assert " at 0x" not in text_of(contract)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_schema_is_referred_to_and_each_reference_has_its_schema(name: str) -> None:
    contract: Any = contract_of(EXAMPLES[name])
    assert references(contract) == contract["schemas"].keys()


@given(signatures())
@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck), deadline=None)
def test_contracts_of_random_signatures_fit_the_schema(written: Written) -> None:
    namespace: dict[str, Any] = {**NAMESPACE, "note": lambda *result: result, "Recorded": str}
    exec(written.text, namespace)
    app = App()
    try:
        app.post("/{" + written.path[0] + "}" if written.path else "/")(namespace["endpoint"])
    except SignatureError:
        reject()
    contract: Any = contract_of(app)
    validate(contract)
    assert references(contract) == contract["schemas"].keys()

"""`Body(decimal=True)`: numbers arrive as they were sent. Integers always do, and results leave without loss."""

import json
from decimal import Decimal
from typing import Annotated, Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from signette import App, Body, Form, Patch
from signette.declarative.adapters.exact_json import MOST_DIGITS
from signette.declarative.errors.base import SignatureError
from signette.formats import JSON as JSON_FORMAT
from signette.formats import FormEncoded
from tests.asgi import JSON, URLENCODED, Exchange, call, fetch, scope_of
from tests.declarative.building import app_of
from tests.declarative.oracle import interpret

DIGITS = st.text("0123456789", min_size=1, max_size=40)
# JSON numbers (RFC 8259 section 6), most of which no float has.
NUMBERS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "-"]),
    st.integers(0, 10**40),
    st.one_of(st.just(""), DIGITS.map(lambda digits: f".{digits}")),
    st.sampled_from(["", "e5", "E-30", "e+300", "e-1000", "E4200"]),
)


class Line(BaseModel):
    price: Decimal
    note: str = ""


class Order(BaseModel):
    total: Decimal
    lines: list[Line] = []
    by_name: dict[str, Decimal] = {}
    any: Any = None
    count: int = 0
    weight: float = 0


SEEN: list[Any] = []


async def whole(order: Annotated[Order, Body(decimal=True)]) -> None:
    SEEN.append(order)


async def anything(value: Annotated[Any, Body(decimal=True)]) -> None:
    SEEN.append(value)


async def members(total: Annotated[Decimal, Body(embed=True, decimal=True)], weight: Annotated[float, Body()]) -> None:
    SEEN.append((total, weight))


async def part(note: Annotated[str, Form()], order: Annotated[Order, Body(decimal=True)]) -> None:
    SEEN.append(order)


def received(endpoint: Any, text: str) -> Any:
    """What the endpoint receives for a JSON body."""
    response = anyio.run(lambda: fetch(APPS[endpoint], "POST /", text.encode(), JSON))
    assert response.status == 204, response.json
    return SEEN.pop()


APPS = {endpoint: app_of(endpoint, method="POST") for endpoint in (whole, anything, members)}


def same(value: Any, text: str) -> bool:
    """Whether it is the number of this text: its digits, and its exponent."""
    is_integer = text.lstrip("-").isdigit()
    return value == int(text) if is_integer else value.as_tuple() == Decimal(text).as_tuple()


@given(NUMBERS)
def test_each_number_arrives_exactly(text: str) -> None:
    order = received(
        whole,
        f'{{"total": {text}, "lines": [{{"price": {text}}}], "by_name": {{"a": {text}}}, "any": [{{"b": {text}}}]}}',
    )
    assert same(order.any[0]["b"], text)
    for value in (order.total, order.lines[0].price, order.by_name["a"]):
        assert isinstance(value, Decimal)
        assert same(value, text)
    assert same(received(anything, text), text)


@given(st.integers())
def test_integers_arrive_exactly_with_and_without_the_option(number: int) -> None:
    assert received(whole, f'{{"total": 1, "count": {number}, "any": {number}}}').count == number

    async def plain(number: Annotated[Any, Body()]) -> None:
        SEEN.append(number)

    APPS[plain] = app_of(plain, method="POST")
    assert received(plain, str(number)) == number


def test_other_types_get_what_they_get_without_the_option() -> None:
    order = received(whole, '{"total": "1.10", "count": 2.0, "weight": 1.5, "lines": [{"price": 1, "note": "1.10"}]}')
    assert (order.total, order.count, order.weight) == (Decimal("1.10"), 2, 1.5)
    assert (type(order.count), type(order.weight)) == (int, float)
    assert order.lines == [Line(price=Decimal(1), note="1.10")]
    assert received(members, '{"total": 0.10, "weight": 0.1}') == (Decimal("0.10"), 0.1)


async def test_json_in_a_form_has_exact_numbers_too() -> None:
    text = "0.12345678901234567890"
    body = f'note=a&order={{"total": {text}}}'.encode()
    assert (await fetch(app_of(part, method="POST"), "POST /", body, URLENCODED)).status == 204
    assert SEEN.pop().total == Decimal(text)


# A body, and the status and codes of the response with and without the option.
INVALID: list[tuple[bytes, int, list[tuple[str, str]]]] = [
    (b"", 422, [("", "missing")]),
    (b"{", 400, []),
    (b'{"total": NaN}', 400, []),
    (b'{"total": 1.}', 400, []),
    (b'{"total": "\\ud800"}', 400, []),
    (b"[" * 300 + b"]" * 300, 400, []),
    (b"[1.5]", 422, [("", "model_type")]),
    (b'{"total": [], "lines": {}, "count": 1.5}', 422,
     [("/total", "decimal_type"), ("/lines", "list_type"), ("/count", "int_from_float")]),
    (b'{"lines": [{"price": "x", "note": 1.5}]}', 422,
     [("/total", "missing"), ("/lines/0/price", "decimal_parsing"), ("/lines/0/note", "string_type")]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "codes"), INVALID, ids=range(len(INVALID)))
async def test_errors_are_those_of_other_bodies(body: bytes, status: int, codes: list[tuple[str, str]]) -> None:
    async def plain(order: Annotated[Order, Body()]) -> None: ...

    exact = await fetch(APPS[whole], "POST /", body, JSON)
    assert exact.status == status
    assert exact.json == (await fetch(app_of(plain, method="POST"), "POST /", body, JSON)).json
    assert [(each["pointer"], each["code"]) for each in exact.json.get("errors", [])] == codes


@pytest.mark.parametrize("text", ["1e4300", "-1E99999999999999999999", "1e-4300", "0e9999", f"{'9' * 4301}.0"])
async def test_a_number_out_of_range_is_a_400(text: str) -> None:
    """A few bytes must not become thousands of digits in the code that uses the number."""
    response = await fetch(APPS[anything], "POST /", text.encode(), JSON)
    assert (response.status, response.json["detail"]) == (400, "Invalid JSON: a number is out of range")


async def test_an_integer_that_is_written_with_a_large_exponent_is_not_a_500() -> None:
    for text in (f"1e{MOST_DIGITS - 1}", "1e4300"):
        response = await fetch(APPS[whole], "POST /", f'{{"total": 1, "count": {text}}}'.encode(), JSON)
        assert response.status in (204, 400, 422)
    SEEN.clear()


async def test_constraints_see_all_digits() -> None:
    async def pay(amount: Annotated[Decimal, Body(decimal=True), Field(max_digits=18)]) -> Decimal:
        return amount

    app = app_of(pay, method="POST")
    assert (await fetch(app, "POST /", b"0.123456789012345678", JSON)).json == "0.123456789012345678"
    assert (await fetch(app, "POST /", b"0.1234567890123456789", JSON)).errors == [("body", "", "decimal_max_digits")]


@given(NUMBERS, st.integers())
def test_results_leave_without_loss(text: str, number: int) -> None:
    class Result(BaseModel):
        amount: Decimal
        number: int
        any: Any

    async def read() -> Result:
        return Result(amount=Decimal(text), number=number, any=[Decimal(text), number])

    async def read_any() -> Any:
        return {"amount": Decimal(text), "number": number, "any": [Decimal(text), number]}

    for endpoint in (read, read_any):
        found: Exchange = anyio.run(lambda endpoint=endpoint: call(app_of(endpoint), "/"))  # type: ignore[misc]
        value = json.loads(found.body)
        assert (value["number"], value["any"][1]) == (number, number)
        for amount in (value["amount"], value["any"][0]):
            assert Decimal(amount).as_tuple() == Decimal(text).as_tuple()


VALUES = st.recursive(
    NUMBERS | st.sampled_from(['"a"', "null", "true"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    max_leaves=6,
)


@given(VALUES)
def test_the_binder_agrees_with_the_interpreter(text: str) -> None:
    plan = APPS[anything].routes[-1].plan
    scope = scope_of("/", "POST", headers=JSON)
    anyio.run(lambda: interpret(plan, scope, text.encode(), (), lambda *sent: None))
    interpreted = SEEN.pop()
    value = received(anything, text)
    assert repr(value) == repr(interpreted)


def rejected(endpoint: Any) -> tuple[str, str]:
    with pytest.raises(SignatureError) as raised:
        App(openapi_url=None).post("/")(endpoint)
    return raised.value.problem, raised.value.hint


def test_the_option_is_rejected_where_it_has_no_effect() -> None:
    async def raw(body: Annotated[bytes, Body(decimal=True)]) -> None: ...

    async def patch(patch: Annotated[Patch[Order], Body(decimal=True)]) -> None: ...

    async def integers(numbers: Annotated[list[int], Body(decimal=True)]) -> None: ...

    assert rejected(raw)[1] == "remove it: only JSON has numbers"
    with pytest.raises(SignatureError, match="a patch keeps JSON as it is parsed"):
        App(openapi_url=None).patch("/")(patch)
    assert rejected(integers)[0] == "`decimal=True` of `numbers` has no effect: `list[int]` has no decimals"


def test_explain_names_it() -> None:
    assert "body: Order   numbers are decimals\n" in APPS[whole].explain("POST /")


async def test_numbers_of_json_are_exact_next_to_other_formats() -> None:
    app = App()

    class Payment(BaseModel):
        amount: Decimal
        details: dict[str, Any] = {}

    @app.post("/")
    async def pay(payment: Annotated[Payment, Body(media_types=[JSON_FORMAT, FormEncoded], decimal=True)]) -> Payment:
        return payment

    body = b'{"amount": 0.12345678901234567890, "details": {"rate": 1.10}}'
    assert (await fetch(app, "POST /", body, JSON)).json == {
        "amount": "0.12345678901234567890",
        "details": {"rate": "1.10"},
    }
    form = await fetch(app, "POST /", b"amount=0.12345678901234567890", URLENCODED)
    assert form.json["amount"] == "0.12345678901234567890"
    found = await fetch(app, "POST /", b'{"amount": "x", "details": 1.5}', JSON)
    assert found.errors == [("body", "/amount", "decimal_parsing"), ("body", "/details", "dict_type")]
    assert (await fetch(app, "POST /", b'{"amount": 1e9999}', JSON)).status == 400
    assert "formats: JSON, FormEncoded, numbers are decimals" in app.explain("POST /")

"""Values at the edges of schemas, which fit them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from signette import App, Query
from signette.prove import NotProved, prove
from signette.prove.boundaries import boundaries_of
from signette.prove.laws.table import LAWS
from signette.prove.operations import operations_of
from signette.prove.schemas import Schemas

app = App()


class Order(BaseModel):
    amount: Annotated[int, Field(ge=1, le=9)]
    note: Annotated[str, Field(max_length=3)] | None = None
    kind: Literal["a", "b"] = "a"


@app.post("/orders", operation_id="order")
async def order(
    order: Order, ratio: Annotated[float, Query(gt=0, lt=2)] = 1, people: int = 1, text: str = "", on: bool = True
) -> float:
    return order.amount / people


def test_values_at_the_edges_fit_their_schemas() -> None:
    (operation,) = operations_of(app)
    assert boundaries_of(operation, Schemas(operation.document)) == {
        ("query", "ratio"): (1,),
        ("query", "people"): (0, 1, -1),
        ("query", "text"): ("", " ", "a"),
        ("body", "amount"): (1, 9),
        ("body", "note"): ("", " ", "a", "aaa"),
    }


def test_a_division_by_zero_is_found() -> None:
    try:
        prove(app, max_examples=30, without=[make().name for make in LAWS])
    except NotProved as error:
        (found,) = error.report.findings
        assert found.requests[-1].target == "/orders?people=0"
        assert found.requests[-1].body == b'{"amount": 1}'
    else:
        raise AssertionError("nothing was found")

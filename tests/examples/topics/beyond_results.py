"""Differences of results that no single response shows."""

from typing import Any

import fastapi
import fastapi.responses
import pytest
from pydantic import BaseModel

import signette.responses
from signette.exceptions import ResponseValidationError
from tests.examples.topics.beyond import both, row


class Noted(BaseModel):
    name: str = "a"
    note: str | None = None


@row(
    "without a return annotation, attributes of an object that begin with an underscore are sent",
    "they are not sent, and `jsonable_encoder` leaves them out",
    "rename an attribute that clients need, or return a dictionary",
)
def private_attributes() -> None:
    class Account:
        def __init__(self) -> None:
            self.name, self._password = "ada", "secret"

    found = []
    for client in both():

        @client.app.get("/")
        async def endpoint():  # type: ignore[no-untyped-def]  # no annotation is the matter
            return Account()

        found.append(client.get("/").json())
    assert found == [{"name": "ada", "_password": "secret"}, {"name": "ada"}]


@row(
    "without a return annotation, `response_model_exclude` and similar options have no effect",
    "they apply to the result",
    "remove the option if clients need the fields",
)
def options_without_a_model() -> None:
    found = []
    for client in both():

        @client.app.get("/", response_model_exclude={"note"})
        async def endpoint():  # type: ignore[no-untyped-def]
            return Noted()

        found.append(client.get("/").json())
    assert found == [{"name": "a", "note": None}, {"name": "a"}]


@row(
    "without a return annotation, `NaN` and infinities are a 500",
    "they are `null`",
    "nothing",
)
def not_a_number() -> None:
    there, here = both()
    for client in (there, here):

        @client.app.get("/")
        async def endpoint():  # type: ignore[no-untyped-def]
            return [float("nan")]

    with pytest.raises(ValueError, match="not JSON compliant"):
        there.get("/")
    assert here.get("/").json() == [None]


@row(
    "a function with `-> None` or `-> Response` that returns another value sends it as JSON",
    "a 500; the log has the type of the value",
    "remove or fix the annotation",
)
def other_results() -> None:
    there, here = both()
    for client, responses in ((there, fastapi.responses), (here, signette.responses)):

        @client.app.get("/none")
        async def none() -> None:
            return {"a": 1}  # type: ignore[return-value]

        async def response() -> Any:
            return {"a": 1}

        response.__annotations__["return"] = responses.Response
        client.app.get("/response")(response)
    for path in ("/none", "/response"):
        assert there.get(path).json() == {"a": 1}
        with pytest.raises(ResponseValidationError, match="it is of type `dict`"):
            here.get(path)


@row(
    "in the OpenAPI document a summary is in title case (`Read Item`), and a success `Successful Response`",
    "a sentence (`Read item`), and the phrase of its status (`OK`, `Created`)",
    "`summary=` and `response_description=` set them",
)
def words_in_the_document() -> None:
    found = []
    for client in both():

        @client.app.post("/", status_code=201)
        async def add_item(): ...  # type: ignore[no-untyped-def]

        operation = client.app.openapi()["paths"]["/"]["post"]
        found.append((operation["summary"], operation["responses"]["201"]["description"]))
    assert found == [("Add Item", "Successful Response"), ("Add item", "Created")]


@row(
    "the OpenAPI document has the responses of an operation in the order of `responses=`",
    "it has them in the order of their status codes",
    "nothing: the order has no meaning",
)
def order_of_responses() -> None:
    found = []
    for client in both():

        @client.app.get("/", responses={404: {"description": "No"}, 400: {"description": "Bad"}})
        async def endpoint() -> int:
            return 1

        found.append(list(client.get("/openapi.json").json()["paths"]["/"]["get"]["responses"]))
    assert found == [["200", "404", "400"], ["200", "400", "404"]]

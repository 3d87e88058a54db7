"""Pairs of applications: the signature before, after, and the verdicts, written from first principles.

A verdict follows from one question: does a client that follows the old contract, and knows nothing of the new one,
still get what it was promised?
"""

from typing import Any, NamedTuple

import pytest

from tests.contract_diff.contracts import contract, verdicts

# What the signatures of the table use.
NAMESPACE: dict[str, Any] = {}
exec(
    """
from datetime import date
from enum import Enum
from typing import Annotated, Literal
from pydantic import BaseModel, Field
from signette import *
from signette.formats import CSV, JSON
from signette.policies import *
from signette.security import *
from signette.uploads import *

class Item(BaseModel):
    name: str
    price: int = 0

class Renamed(BaseModel):
    name: str
    price: int = 0

class NotFound(Problem, status=404):
    "There is no such item."

class Gone(Problem, status=410):
    "The item is gone."

class SoldOut(Problem, status=404):
    "There are no more items."

bearer = HTTPBearer()
oauth = OAuth2PasswordBearer(tokenUrl="token", scopes={"read": "", "write": ""})
other = OAuth2PasswordBearer(tokenUrl="other", scopes={"read": "", "write": ""})
in_header = APIKeyHeader(name="X-Key")
in_query = APIKeyQuery(name="key")
""",
    NAMESPACE,
)


class Row(NamedTuple):
    title: str
    before: str
    after: str
    verdicts: dict[str, str]


B, C, N = "breaking", "compatible", "note"


def get(signature: str, result: str = "str", path: str = "/items", **options: Any) -> str:
    return _endpoint("get", signature, result, path, options)


def post(signature: str, result: str = "str", path: str = "/items", **options: Any) -> str:
    return _endpoint("post", signature, result, path, options)


def _endpoint(method: str, signature: str, result: str, path: str, options: dict[str, Any]) -> str:
    more = "".join(f", {name}={value}" for name, value in options.items())
    return f"@app.{method}({path!r}{more})\nasync def items({signature}) -> {result}: ..."


ROWS = [
    # operations
    Row("an operation is new", get(""), get("") + "\n" + post("").replace("def items", "def add"),
        {"operation-added": C}),
    Row("an operation is gone", get(""), "", {"operation-removed": B}),
    Row("a deprecated operation is gone", get("", deprecated=True), "", {"operation-removed-before-sunset": B}),
    Row("an operation is gone before its sunset date", get("", policies="[Deprecated(sunset=date(2026, 6, 2))]"), "",
        {"operation-removed-before-sunset": B}),
    Row("an operation is gone after its sunset date", get("", policies="[Deprecated(sunset=date(2026, 6, 1))]"), "",
        {"operation-removed-after-sunset": C}),
    Row("an operation has another method", get(""), post(""), {"operation-removed": B, "operation-added": C}),
    Row("an operation has another path", get(""), get("", path="/articles"),
        {"operation-removed": B, "operation-added": C}),
    Row("an operation has another name", get(""), get("").replace("def items", "def articles"),
        {"operation-renamed": N}),
    Row("a path parameter has another name", get("item: int", path="/items/{item}"), get("id: int", path="/items/{id}"),
        {"path-parameter-renamed": N}),
    Row("an operation is deprecated", get(""), get("", deprecated=True), {"operation-deprecated-without-sunset": N}),
    Row("an operation has a sunset date", get(""), get("", policies="[Deprecated(sunset=date(2027, 1, 1))]"),
        {"operation-deprecated": C, "response-header-added": C}),
    Row("a sunset date is earlier", get("", policies="[Deprecated(sunset=date(2027, 1, 1))]"),
        get("", policies="[Deprecated(sunset=date(2026, 9, 1))]"), {"sunset-earlier": B}),
    Row("a sunset date is later", get("", policies="[Deprecated(sunset=date(2027, 1, 1))]"),
        get("", policies="[Deprecated(sunset=date(2028, 1, 1))]"), {"sunset-later": C}),
    Row("an operation is no longer deprecated", get("", deprecated=True), get(""), {"operation-undeprecated": C}),
    # parameters
    Row("a query parameter is new", get("q: int = 1"), get("q: int = 1, page: int = 1"), {"input-added": C}),
    Row("a query parameter is new and required", get("q: int = 1"), get("page: int, q: int = 1"),
        {"input-added-required": B}),
    Row("a query parameter is gone", get("q: int = 1, page: int = 1"), get("q: int = 1"), {"input-ignored": N}),
    Row("a query parameter is gone where unknown ones are rejected",
        get("q: int = 1, page: int = 1", unknown_query_params="'forbid'"),
        get("q: int = 1", unknown_query_params="'forbid'"), {"input-rejected": B}),
    Row("a query parameter is required", get("q: int = 1"), get("q: int"), {"input-required": B}),
    Row("a query parameter is optional", get("q: int"), get("q: int = 1"), {"input-optional": C}),
    Row("a query parameter has another name", get("q: int = 1"), get("query: int = 1"),
        {"input-ignored": N, "input-added": C}),
    Row("a query parameter moves into a header", get("q: int = 1"), get("q: Annotated[int, Header()] = 1"),
        {"input-ignored": N, "input-added": C}),
    Row("a query parameter has a lower limit", get("q: Annotated[int, Field(le=100)] = 1"),
        get("q: Annotated[int, Field(le=50)] = 1"), {"input-limit-tightened": B}),
    Row("a query parameter has a higher limit", get("q: Annotated[int, Field(le=50)] = 1"),
        get("q: Annotated[int, Field(le=100)] = 1"), {"input-limit-loosened": C}),
    Row("a query parameter has another default", get("q: int = 10"), get("q: int = 20"), {"input-default-changed": B}),
    Row("a query parameter may be null", get("q: int = 10"), get("q: int | None = 10"), {}),
    Row("a query parameter is of another type", get("q: int = 1"), get("q: bool = True"),
        {"input-type-changed": B, "input-default-changed": B}),
    Row("a choice is new", get("q: Literal['a', 'b'] = 'a'"), get("q: Literal['a', 'b', 'c'] = 'a'"),
        {"input-enum-member-added": C}),
    Row("a choice is gone", get("q: Literal['a', 'b'] = 'a'"), get("q: Literal['a'] = 'a'"),
        {"input-enum-member-removed": B}),
    Row("a list is written in another style", get("q: Annotated[list[int], Query()]"),
        get("q: Annotated[list[int], Query(explode=False)]"),
        {"input-style-changed": B}),
    Row("a query parameter is deprecated", get("q: int = 1"), get("q: Annotated[int, Query(deprecated=True)] = 1"),
        {"input-deprecated": C}),
    Row("unknown query parameters are rejected", get("q: int = 1"), get("q: int = 1", unknown_query_params="'forbid'"),
        {"unknown-inputs-rejected": B}),
    Row("unknown query parameters are ignored", get("q: int = 1", unknown_query_params="'forbid'"), get("q: int = 1"),
        {"unknown-inputs-ignored": C}),
    Row("a header is new and required", get(""), get("x: Annotated[str, Header()]"),
        {"input-added-required": B, "request-error-added": C}),
    Row("a path parameter is of a wider type", get("item: int", path="/items/{item}"),
        get("item: str", path="/items/{item}"), {"input-type-added": C, "error-status-removed": C}),
    Row("a path parameter is of a narrower type", get("item: str", path="/items/{item}"),
        get("item: int", path="/items/{item}"), {"input-type-removed": B, "request-error-added": C}),
    # bodies
    Row("a body is new and required", post(""), post("item: Item"),
        {"body-added-required": B, "request-error-added": C}),
    Row("a body is gone", post("item: Item"), post(""), {"body-ignored": N, "error-status-removed": C}),
    Row("a body is required", post("item: Item | None = None"), post("item: Item"),
        {"body-required": B, "input-null-removed": B}),
    Row("a body is optional", post("item: Item"), post("item: Item | None = None"),
        {"body-optional": C, "input-null-added": C}),
    Row("a body is a form", post("name: Annotated[str, Body()]"), post("name: Annotated[str, Form()]"),
        {"body-media-type-removed": B, "body-media-type-added": C}),
    Row("a model has another name", post("item: Item"), post("item: Renamed"), {}),
    # responses
    Row("a response has another model", get("", "Item"), get("", "list[Item]"), {"output-type-changed": B}),
    Row("a response has another status", post("", "Item"), post("", "Item", status_code=201),
        {"success-status-replaced": B, "success-status-added": B}),
    Row("a response has no body", get("", "Item"), get("", "None", status_code=204),
        {"success-status-replaced": B, "success-status-added": B}),
    Row("a problem is new", get("", "str"), get("", "str | NotFound"), {"error-status-added": B}),
    Row("a problem type is new", get("", "str | NotFound"), get("", "str | NotFound | SoldOut"), {"problem-added": B}),
    Row("a problem is gone", get("", "str | NotFound"), get("", "str"), {"error-status-removed": C}),
    Row("a problem has another status", get("", "str | NotFound"), get("", "str | Gone"),
        {"error-status-added": B, "error-status-removed": C}),
    Row("a format is new", get("", "list[Item]"), get("", "list[Item]", renders="[JSON, CSV]"),
        {"response-media-type-added": C, "request-error-added": C}),
    Row("another format is the default", get("", "list[Item]", renders="[JSON, CSV]"),
        get("", "list[Item]", renders="[CSV, JSON]"), {"default-format-changed": B}),
    # security
    Row("credentials are required", get(""), get("token: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]"),
        {"security-added": B, "request-error-added": C}),
    # limits and policies
    Row("a body may be smaller", post("item: Item", max_body_size=2000), post("item: Item", max_body_size=1000),
        {"limit-lowered": B}),
    Row("a body may be larger", post("item: Item", max_body_size=1000), post("item: Item", max_body_size=2000),
        {"limit-raised": C}),
    Row("a rate limit is new", get(""), get("", policies="[RateLimit('10/second')]"),
        {"rate-limit-added": B, "error-status-added": B, "response-header-added": C}),
    Row("a rate limit is lower", get("", policies="[RateLimit('100/minute')]"),
        get("", policies="[RateLimit('1/second')]"),
        {"rate-limit-lowered": B}),
    Row("a rate limit is higher", get("", policies="[RateLimit('1/second')]"),
        get("", policies="[RateLimit('2/second')]"),
        {"rate-limit-raised": C}),
    Row("requests may be repeated", post(""), post("", policies="[Idempotent(by=None)]"),
        {"idempotency-added": C, "input-added": C, "request-error-added": C, "response-header-added": C,
         "server-error-added": N}),
    Row("an idempotency key is required", post("", policies="[Idempotent(by=None)]"),
        post("", policies="[Idempotent(by=None, required=True)]"), {"input-required": B, "problem-added": B}),
    Row("requests may no longer be repeated", post("", policies="[Idempotent(by=None)]"), post(""),
        {"idempotency-removed": B, "input-ignored": N, "error-status-removed": C, "response-header-removed": N}),
    # WebSockets
    Row("a WebSocket is gone", "@app.websocket('/chat')\nasync def chat(socket: Socket[str, str]) -> None: ...", "",
        {"socket-removed": B}),
]  # fmt: skip


def application(source: str) -> Any:
    def define(app: Any) -> None:
        exec(source, {**NAMESPACE, "app": app})

    return contract(define)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_a_change_of_a_signature(row: Row) -> None:
    assert verdicts(application(row.before), application(row.after)) == row.verdicts


@pytest.mark.parametrize("row", ROWS[::6], ids=lambda row: row.title)
def test_an_application_has_no_changes_against_itself(row: Row) -> None:
    assert verdicts(application(row.after), application(row.after)) == {}

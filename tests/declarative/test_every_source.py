"""What holds for each row of the table of sources, so that a new one is tested before somebody writes a test for it."""

import ast
import builtins
import inspect
import textwrap
from typing import Annotated, Any

import pytest
from typing_extensions import TypedDict

from signette.app import App
from signette.background import BackgroundTasks
from signette.channels import Channel
from signette.conditional import Conditional, RequiredConditional
from signette.datastructures.upload import UploadFile
from signette.declarative.adapters.json_patch import JSONPatch
from signette.declarative.adapters.patch import Patch
from signette.declarative.inspection.explain import explain
from signette.declarative.plan.reads import claimed_source
from signette.declarative.policies.cache import Cache
from signette.declarative.policies.exchange import Exchange as PolicyExchange
from signette.declarative.signature.depends import SecurityScopes
from signette.declarative.signature.markers import MISSING, Marker
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.sources.body import KEYED_BODY
from signette.declarative.sources.form import JSON_PART
from signette.declarative.sources.injected import REQUIRED_CONDITIONAL
from signette.declarative.sources.pages import PageRequest
from signette.declarative.sources.parts import PARTS
from signette.declarative.sources.patch import JSON_PATCH, PATCH
from signette.declarative.sources.path import PATH
from signette.declarative.sources.provided import Provided
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Phase, Source
from signette.declarative.sources.stream import STREAM
from signette.declarative.sources.table import INJECTED, SOURCES, claiming_source
from signette.declarative.streams.stream import Stream
from signette.forms.stream import Parts
from signette.requests import HTTPConnection, Request
from signette.responses.plain import Response
from signette.sockets import Socket
from signette.websockets import WebSocket
from tests.asgi import Exchange, fetch
from tests.declarative.policies.own_policies import Counted, Visits

# What templates may always use (the docstring of `sources/row.py`), and what the binder gives to all of them.
GIVEN = {
    "scope",
    "receive",
    "send",
    "values",
    "MISSING",
    "k_limits",
    "k_file_rules",
    "k_known_names",
} | set(dir(builtins))


class Given(Provided):
    """What an application provides."""

    @classmethod
    def provider(cls, annotation: Any, where: SourceLocation, name: str) -> Any:
        return lambda scope: cls()


class Changed(TypedDict):
    """What a patch changes."""

    count: int


TYPES = (
    Request, WebSocket, HTTPConnection, Response, BackgroundTasks, SecurityScopes, Cache, PolicyExchange, Visits,
    Given, str, bytes, UploadFile, dict, Visits | None, Channel[str], Patch[Changed], JSONPatch[Changed],
    Stream[Changed], Parts, RequiredConditional, Conditional, Socket[str, str], PageRequest,
)  # fmt: skip

ROWS = pytest.mark.parametrize("row", SOURCES, ids=[row.name for row in SOURCES])
SENT = [row for row in SOURCES if row not in INJECTED]
SENT_ROWS = pytest.mark.parametrize("row", SENT, ids=[row.name for row in SENT])


def annotation_for(row: Source) -> Any:
    """The first type with which a parameter comes from this row, under its marker where it has one."""
    for plain in TYPES:
        marker = row.marker() if row.marker is not None else None
        parameter = Parameter("value", plain, marker, factory=plain)
        try:
            found = claimed_source(parameter, "here", (), SOURCES)  # type: ignore[arg-type]  # the place is not looked at
        except TypeError:
            continue
        if found is row:
            return Annotated[plain, marker] if marker is not None else plain
    raise AssertionError(f"no type of {TYPES} is read from {row!r}: add one that is")


def endpoint_for(row: Row, default: Any = inspect.Parameter.empty) -> Any:
    """`async def endpoint(value: <of this row>) -> dict`, which returns what it got."""

    async def endpoint(value: Any) -> dict[str, Any]:
        return {"got": repr(value), "type": type(value).__name__}

    parameter = inspect.Parameter(
        "value", inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation_for(row)
    )

    class Endpoint:
        __signature__ = inspect.Signature([parameter])

        async def __call__(self, **options: Any) -> dict[str, Any]:
            return await endpoint(**options)

    return Endpoint()


def assigned_in(code: str) -> set[str]:
    return {
        node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def used_in(code: str) -> set[str]:
    return {
        node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def used_in_expression(text: str) -> set[str]:
    """Names in an expression, which may wait for something."""
    return used_in(f"async def expression(): return {text}")


def statements_of(row: Row) -> list[str]:
    """Each way in which the row opens, and how it ends."""
    return [code for code in (row.opening, row.opening_lists, row.opening_request) if code]


@ROWS
def test_templates_use_only_what_they_may(row: Row) -> None:
    known = GIVEN | row.uses.keys()
    for before in (*row.after, row.opener):
        for code in (before.starts, *statements_of(before)):
            known |= assigned_in(textwrap.dedent(code))
    if row.opening_request is not None:
        known |= {"request"}
    for code in (row.starts, *statements_of(row), row.closes):
        assert used_in(textwrap.dedent(code)) <= known
    key = row.literal("0" if row is PATH else "key")
    for template in (row.one, row.one_or_empty, row.many, row.nested, row.decode, row.empty):
        if template is not None:
            assert used_in_expression(template.format(key=key, raw="MISSING", shape="MISSING")) <= known


@ROWS
def test_what_was_opened_has_the_names_that_the_row_declares(row: Row) -> None:
    assigned = {name for code in statements_of(row.opener) for name in assigned_in(textwrap.dedent(code))}
    assert {row.opener.container, row.opener.lists} <= assigned | GIVEN | {""}


@ROWS
def test_cleanup_code_finds_its_names_even_after_an_error(row: Row) -> None:
    assert used_in(textwrap.dedent(row.closes)) <= assigned_in(row.starts) | row.uses.keys()


@ROWS
def test_each_way_to_open_serves_the_reads_of_one_value(row: Row) -> None:
    wanted = assigned_in(textwrap.dedent(row.opening))
    assert all(wanted <= assigned_in(textwrap.dedent(code)) for code in statements_of(row))


@ROWS
def test_some_type_is_read_from_each_row(row: Row) -> None:
    annotation_for(row)  # it raises if there is no annotation


# Where a path parameter is missing, there is another route.
# A stream has no items, and cannot be optional.
OPTIONAL = [row for row in SENT if row not in (PATH, STREAM, PARTS)]
OPTIONAL_ROWS = pytest.mark.parametrize("row", OPTIONAL, ids=[row.name for row in OPTIONAL])


@OPTIONAL_ROWS
async def test_a_missing_value_is_reported_with_its_location(row: Row) -> None:
    response = await response_without_values(row)
    assert response.status == 422
    assert response.json["errors"][0]["in"] == row.place
    assert [each["code"] for each in response.json["errors"]] == ["missing"]


PATCHES = (PATCH, JSON_PATCH)


def method_of(row: Row) -> str:
    """The method of a route that may read from this row."""
    return "PATCH" if row in PATCHES else "POST"


@pytest.mark.parametrize("row", [row for row in OPTIONAL if row not in PATCHES], ids=lambda row: row.name)
async def test_a_missing_value_gets_its_default(row: Row) -> None:
    response = await response_without_values(row, None)
    assert (response.status, response.json["got"]) == (200, "None")


# A required precondition is what its name says.
UNASKED = [row for row in INJECTED if row.place != "websocket" and row is not REQUIRED_CONDITIONAL]


@pytest.mark.parametrize("row", UNASKED, ids=lambda row: row.place)
async def test_what_is_injected_needs_nothing_from_the_client(row: Row) -> None:
    response = await response_without_values(row)
    assert response.status == 200
    assert response.json["type"] in {getattr(kind, "__name__", None) for kind in TYPES}


async def test_a_required_precondition_must_be_sent() -> None:
    assert (await response_without_values(REQUIRED_CONDITIONAL)).status == 428


@SENT_ROWS
async def test_only_a_row_of_the_body_reads_messages(row: Row) -> None:
    has_default = row not in (PATH, *PATCHES, STREAM, PARTS)
    response = await response_without_values(row, None) if has_default else await response_without_values(row)
    # The endpoint reads a stream and the parts of a form, if it wants to.
    assert (response.receives > 0) == (row.phase is Phase.BODY and row not in (STREAM, PARTS))


@ROWS
def test_explain_names_the_place(row: Row) -> None:
    app = App(policies=[Counted()])
    add = app.add_api_websocket_route if row.place == "websocket" else app.add_api_route
    add(
        "/{value}" if row is PATH else "/",
        endpoint_for(row),
        **({} if row.place == "websocket" else {"methods": [method_of(row)]}),
    )  # type: ignore[operator]  # two shapes of one word
    method = "WEBSOCKET" if row.place == "websocket" else method_of(row)
    assert f"  {row.place}" in explain(app, f"{method} {'/{value}' if row is PATH else '/'}").replace(" value ", "  ")


async def response_without_values(row: Row, default: Any = inspect.Parameter.empty) -> Exchange:
    """The response to a request that has nothing of what is asked for."""
    app = App(policies=[Counted()])
    path = "/{value}" if row is PATH else "/"
    app.add_api_route(path, endpoint_for(row, default), [method_of(row)])
    return await fetch(app, f"{method_of(row)} {'/x' if row is PATH else '/'}")


def test_the_last_row_claims_what_nothing_else_does() -> None:
    assert claiming_source(Parameter("value", dict)) is SOURCES[-1]


class Tenant(Marker):
    """No source reads it."""


def test_a_marker_without_a_source_is_rejected() -> None:
    app = App()

    async def endpoint(first: Annotated[str, Tenant()]) -> None: ...

    with pytest.raises(TypeError, match="no source takes it"):
        app.add_api_route("/", endpoint)


def test_rows_are_distinguished_by_their_names() -> None:
    rows = (*SOURCES, KEYED_BODY, JSON_PART)
    assert len({row.name for row in rows}) == len(rows)
    assert all((one == other) == (one is other) for one in rows for other in rows)


def test_missing_is_one_object_and_false() -> None:
    assert not MISSING
    assert repr(MISSING) == "MISSING"

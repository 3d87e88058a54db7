"""`describe_plan` is what `schemas/plan.schema.json` promises, for plans of every shape."""

import dataclasses
import enum
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator, ValidationError
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from examples.airports import app as airports
from examples.tour.typed import app as tour
from signette import Items, Stream
from signette.app import App
from signette.background import BackgroundTasks
from signette.channels import Channel, Topic
from signette.conditional import RequiredConditional
from signette.datastructures.upload import UploadFile
from signette.declarative.errors.base import SignatureError
from signette.declarative.inspection.plan_json import describe_plan
from signette.declarative.plan import steps as ir
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.steps import Plan
from signette.declarative.policies.exchange import Exchange
from signette.declarative.returns.kind import Reply, ResponseSpec
from signette.declarative.returns.table import RETURNS
from signette.declarative.security.schemes import APIKeyHeader, HTTPBasic, HTTPBearer
from signette.declarative.signature.depends import SecurityScopes
from signette.declarative.signature.marker_functions import Depends, Security
from signette.declarative.signature.markers import Body, Cookie, File, Form, Header, Query
from signette.declarative.signature.model import Kind
from signette.declarative.signature.outcomes import Created, NoContent
from signette.declarative.signature.pages import Page
from signette.declarative.sources.table import SOURCES
from signette.events import Events
from signette.jobs import Jobs
from signette.policies import Cache
from signette.problems import Problem
from signette.requests import HTTPConnection, Request
from signette.responses.events import ServerSentEvent
from signette.responses.plain import HTMLResponse, PlainTextResponse, Response
from signette.sockets import Socket, SocketOptions
from signette.websockets import WebSocket
from tests.declarative.policies.own_policies import Counted, Gate, Visits
from tests.declarative.signatures import NAMESPACE, Written, signatures
from tests.volume import examples

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "plan.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

# -- endpoints of every shape ------------------------------------------------------------------------------------------

odd = App()


class Color(enum.Enum):
    RED = "red"


class Item(BaseModel):
    name: str = "?"


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")
    page: int = Field(1, validation_alias=AliasChoices("p", "page_number"))
    tags: list[str] = []


class Profile(BaseModel):
    name: str
    picture: Annotated[UploadFile | None, File(max_bytes=1000)] = None


class Gone(Problem, status=410):
    """It was here once."""


class Unwritten:
    """Has no repr."""


def scoped(scopes: SecurityScopes, token: Annotated[str, Security(HTTPBearer(), scopes=["read"])]) -> str: ...


async def session() -> AsyncIterator[int]:
    yield 1


def lock() -> Iterator[int]:
    yield 1


@odd.get("/sources/{color}", dependencies=[Depends(HTTPBasic(auto_error=False))])
async def every_source_of_the_head(
    color: Color,
    request: Request,
    connection: HTTPConnection,
    response: Response,
    tasks: BackgroundTasks,
    user: Annotated[str, Security(scoped, scopes=["a", "b"])],
    *,
    item: Annotated[Item, Depends()],
    wanted: Annotated[Wanted, Query()],
    x_many: Annotated[list[int] | None, Header()] = None,
    theme: Annotated[Literal["light", "dark"], Cookie()] = "light",
) -> dict[str, int]:
    """Read
    all."""


@odd.get("/pages")
async def every_fact_of_pages(
    page: Annotated[Page.Cursor[tuple[int, str]], Page.Limit(2, maximum=5)],
) -> Page[Item]: ...


@odd.get("/pages/offset")
async def pages_by_offset(page: Page.Offset) -> Page[Item]: ...


@odd.post("/defaults")
def every_default(
    a: int = 3,
    b: str = "'é\n",
    c: Color = Color.RED,
    d: frozenset[str] = frozenset({"x", "y", "z"}),
    e: Annotated[list[int], Query(default_factory=list)] = ...,
    f: Any = Unwritten(),
    g: Annotated[str, Query(default_factory=lambda: "made")] = ...,
    h: float = float("inf"),
) -> None: ...


@odd.post("/keyed", response_model_exclude={"b", "a"}, response_model_by_alias=False, response_model_exclude_none=True)
async def a_keyed_body(
    item: Item, count: Annotated[int, Body(alias="n", ge=1)] = 1, *, more: Annotated[list[Item], Body()]
) -> Created[Item] | NoContent | Gone: ...


@odd.put("/bytes")
async def the_body_as_it_came(body: Annotated[bytes, Body()]) -> bytes: ...


@odd.post("/stream")
async def a_stream(rows: Annotated[Stream[Item], Items(on_error="collect", max_errors=5)]) -> None: ...


@odd.post("/form")
async def a_form(
    profile: Annotated[Profile, Form()],
    files: list[UploadFile],
    content: Annotated[bytes, File(max_bytes=5)],
    key: Annotated[str, Depends(APIKeyHeader(name="X-Key", scheme_name="key", description="A key."))],
) -> str: ...


@odd.get("/yields")
async def closed_in_the_end(
    one: Annotated[int, Depends(session)], two: Annotated[int, Depends(lock, scope="function")]
) -> Item: ...


@odd.get("/events")
async def events() -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(data="a")


@odd.get("/messages/{user_id}")
async def messages(
    user_id: int, items: Annotated[Channel[Item], Topic("items/{user_id}")], cache: Cache
) -> Events[Item]:
    return items.subscribe()


@odd.get("/lines")
def lines() -> Iterator[Item]:
    yield Item()


@odd.get("/chunks")
def chunks() -> Iterator[bytes]:
    yield b""


@odd.api_route("/unsaid", methods=["GET", "DELETE"])
def unsaid(anything): ...


@odd.get("/page", response_class=HTMLResponse)
def page() -> str: ...


@odd.get("/response")
def response() -> PlainTextResponse: ...


@odd.get("/path")
def path() -> Path: ...


@odd.get("/calls")
def calls(process: Annotated[int, Depends(os.getpid)]) -> dict[str, Callable[[int], str] | None] | None: ...


@odd.get("/jobs")
async def jobs(jobs: Jobs) -> None: ...


@odd.put("/checked")
async def a_required_precondition(cond: RequiredConditional) -> None: ...


@odd.websocket("/talk")
async def typed_socket(socket: Annotated[Socket[Item, str | int], SocketOptions(idle_timeout=60)]) -> None: ...


@odd.websocket("/socket/{room:int}")
async def socket(websocket: WebSocket, room: int, one: Annotated[int, Depends(session)]) -> None: ...


@odd.post("/policies", policies=[Counted()])
def policies(visits: Visits, exchange: Exchange) -> int: ...


ROUTES = [route for app in (airports, tour, odd) for route in app.routes if hasattr(route, "plan")]
EVERY = pytest.mark.parametrize("plan", [route.plan for route in ROUTES], ids=[route.name for route in ROUTES])
DESCRIBED = [describe_plan(route.plan) for route in ROUTES]
STEPS = [step for each in DESCRIBED for step in each["steps"]]


def described(name: str) -> dict[str, Any]:
    return next(each for route, each in zip(ROUTES, DESCRIBED, strict=True) if route.name == name)


def step_of(plan: dict[str, Any], name: str) -> dict[str, Any]:
    return next(step for step in plan["steps"] if step.get("name") == name)


# -- the contract ------------------------------------------------------------------------------------------------------


@EVERY
def test_the_description_of_each_plan_is_valid(plan: Plan) -> None:
    VALIDATOR.validate(describe_plan(plan))


@EVERY
def test_a_description_is_json_and_nothing_else(plan: Plan) -> None:
    result = describe_plan(plan)
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert " at 0x" not in json.dumps(result)


@EVERY
def test_what_a_step_uses_an_earlier_one_has_made(plan: Plan) -> None:
    check_order(plan)


def check_order(plan: Plan) -> None:
    made: set[str] = set()
    *before, last = describe_plan(plan)["steps"]
    for step in [*before, last]:
        assert {each["name"] for each in step.get("arguments", ())} <= made
        assert step.get("of") is None or step["of"] in made
        made |= {step["name"]} if "name" in step else set()
        made |= {part["name"] for part in step.get("parts", ())}
    assert last["endpoint"]
    assert not any(step.get("endpoint") for step in before)


def plan_of(written: Written) -> Plan | None:
    """The plan of a random signature, or none where it is one that is rejected."""
    namespace: dict[str, Any] = {**NAMESPACE, "note": lambda *result: result, "Recorded": str}
    exec(written.text, namespace)
    where = "/{" + written.path[0] + "}" if written.path else "/"
    try:
        return plan_endpoint(Endpoint(namespace["endpoint"], where, ("POST",)))
    except SignatureError:
        return None


@given(signatures())
@settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
def test_descriptions_of_random_signatures_are_valid(written: Written) -> None:
    plan = plan_of(written)
    if plan is not None:
        VALIDATOR.validate(describe_plan(plan))
        check_order(plan)


FREE = ("file_rules", "options", "scheme")  # the keys of these are people's own words, or OpenAPI's


def places_of(value: Any, place: str = "plan") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object of a description whose members are ours, with what kind of object it is."""
    if isinstance(value, list):
        for each in value:
            yield from places_of(each, place)
    elif isinstance(value, dict):
        place = value.get("step", place)
        yield place, value
        for key, each in value.items():
            if key not in FREE:
                yield from places_of(each, f"{place}.{key}")


KINDS_OF_OBJECTS = sorted({place for each in DESCRIBED for place, _ in places_of(each)})


@pytest.mark.parametrize("place", KINDS_OF_OBJECTS)
def test_no_object_may_have_a_member_more_or_less(place: str) -> None:
    text, index = next(
        (json.dumps(plan), index)
        for plan in DESCRIBED
        for index, (here, _) in enumerate(places_of(plan))
        if here == place
    )
    whole = json.loads(text)
    VALIDATOR.validate(whole)
    found = list(places_of(whole))[index][1]
    for member, value in list(found.items()):
        del found[member]
        with pytest.raises(ValidationError):
            VALIDATOR.validate(whole)
        found[member] = value
    found["more"] = 1
    with pytest.raises(ValidationError):
        VALIDATOR.validate(whole)


def test_the_examples_show_each_word_kind_and_source() -> None:
    assert {step["step"] for step in STEPS} == {
        "open", "read", "read_model", "split", "negotiate", "raise_errors", "call",
    }  # fmt: skip
    assert {step["kind"] for step in STEPS if step["step"] == "call"} == {kind.value for kind in Kind}
    assert {step["source"] for step in STEPS if step["step"] in {"read", "read_model"}} == {
        row.place for row in SOURCES
    }
    replies = [each["response"] for each in DESCRIBED if each["response"]]
    assert {reply["kind"] for reply in replies} == {kind.name for kind in RETURNS}


def test_the_schema_names_each_row_of_the_tables() -> None:
    definitions = SCHEMA["$defs"]
    assert set(definitions["kind"]["enum"]) == {kind.name for kind in RETURNS}
    assert set(definitions["call"]["properties"]["kind"]["enum"]) == {kind.value for kind in Kind}
    assert all(f"`{row.place}`" in definitions["source"]["description"] for row in SOURCES)


# What the plan's data has and the description has not, with the reason.
OMITTED = {
    ("Call", "target"),  # an object of Python; `callable` says which
    ("Read", "marker"),  # all that it decides is in the other members
    ("ReadModel", "marker"),  # as above
    ("ReadModel", "whole"),  # a way to do the same faster
    ("ReadModel", "owned"),  # follows from the other steps' keys
    ("Reply", "negotiation"),  # its formats are in a step
    ("Read", "provider"),  # follows from the type
    ("Read", "can_fail"),  # follows from source, type and default
    ("Read", "needs_check"),  # as above
    ("Read", "keeps_empty"),  # follows from source and marker
    ("ReadModel", "keeps_empty"),  # as above
    ("Read", "drops_empty"),  # as above
    ("Field", "drops_empty"),  # as above
    ("ReadModel", "is_sent_empty"),  # as above
    ("ReadModel", "decides_unknown"),  # follows from the type
    ("Read", "file_rule"),  # the step that opens the form has it
    ("Field", "file_rule"),  # as above
    ("Field", "source"),  # follows from the type: the files of a form
    ("Argument", "convert"),  # follows from the signature: a class of another framework
    ("Call", "construction"),  # the class itself says what it rejects
    ("Field", "name"),  # follows from the type
    ("Field", "schema_name"),  # as above
    ("Call", "only_for_app"),  # follows from the other steps
    ("Call", "held"),  # as above
    ("Call", "stays_open"),  # follows from kind and lifetime
    ("Reply", "problems"),  # are among the responses
    ("Reply", "returned_problems"),  # as above; the type of the response names them
    ("Reply", "are_all_tagged"),  # a check of results only
    ("ResponseSpec", "description"),  # the document's words
}
RENAMED = {
    "unused_options": ("options",),
    "negotiation": ("formats",), "shape": ("nested",), "socket": ("websocket",), "reply": ("response",),
    "concurrency_limit": ("max_concurrency",), "tagged_statuses": ("tagged",),
    "where": ("endpoint", "callable"), "into": ("name",), "name": ("parameter", "name"), "annotation": ("type",),
    "default_factory": ("default",), "target": (), "choices": ("keys",), "value": ("name",), "problem": ("type",),
}  # fmt: skip
DATA = [
    ir.Open,
    ir.Read,
    ir.ReadModel,
    ir.Split,
    ir.CheckUnknown,
    ir.Negotiate,
    ir.Call,
    ir.Argument,
    ir.Field,
    Reply,
    ResponseSpec,
    ir.Plan,
]


@pytest.mark.parametrize("data", DATA, ids=lambda data: data.__name__)
def test_each_fact_of_a_plan_is_described_or_its_omission_has_a_reason(data: Any) -> None:
    definitions = SCHEMA["$defs"]
    result = {
        "Argument": definitions["call"]["properties"]["arguments"]["items"],
        "Field": definitions["read_model"]["properties"]["fields"]["items"],
        "ResponseSpec": definitions["response"]["properties"]["responses"]["items"],
        "Split": definitions["split"] | {"properties": {"of": 1, "source": 1, "parts": 1}},
        "Reply": definitions["response"],
        "Plan": SCHEMA,
    }
    step = re.sub(r"(?<!^)(?=[A-Z])", "_", data.__name__).lower()
    members = (result.get(data.__name__) or definitions[step])["properties"]
    for field in dataclasses.fields(data):
        if (data.__name__, field.name) not in OMITTED:
            assert {field.name, *RENAMED.get(field.name, ())} & members.keys(), f"describe `{field.name}`"


# -- what it says ------------------------------------------------------------------------------------------------------


def test_the_head_names_route_and_endpoint() -> None:
    result = described("every_source_of_the_head")
    assert (result["methods"], result["path"], result["websocket"]) == (["GET"], "/sources/{color}", False)
    assert result["docstring"] == "Read\nall."
    assert result["endpoint"]["name"].endswith("test_described.every_source_of_the_head")
    assert result["endpoint"]["file"] == "declarative/test_described.py"


def test_a_channel_lists_topic_type_and_options() -> None:
    plan = described("messages")
    assert step_of(plan, "items")["channel"] == {
        "topic": "items/{user_id}", "type": "Item", "placeholders": ["user_id"], "on_missed": "continue",
        "resumes": True,
    }  # fmt: skip
    assert plan["response"]["resumes"]


def test_a_socket_lists_its_types_and_options() -> None:
    plan = described("typed_socket")
    assert step_of(plan, "socket")["messages"] == {
        "receives": "Item", "sends": "str | int", "options": {"idle_timeout": "60"},
    }  # fmt: skip
    assert plan["steps"][-1]["session"] == "socket"


def test_a_read_lists_source_keys_type_and_default() -> None:
    read = step_of(described("every_source_of_the_head"), "x_many")
    assert read == {
        "step": "read", "name": "x_many", "parameter": "x_many", "source": "header", "keys": ["x-many"],
        "position": None, "type": "list[int] | None", "many": True, "nested": False, "delimiter": None,
        "decimal": False, "formats": [], "required": False, "default": "None", "channel": None, "stream": None,
        "messages": None,
    }  # fmt: skip
    color = step_of(described("every_source_of_the_head"), "color")
    assert (color["position"], color["type"], color["required"], color["default"]) == (0, "Color", True, None)


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("a", "3"),
        ("b", '"\'é\\n"'),
        ("c", "<Color.RED: 'red'>"),
        ("d", "frozenset({'x', 'y', 'z'})"),
        ("e", "list()"),
        ("f", f"<{__name__}.Unwritten object>"),
        ("g", "<lambda>()"),
        ("h", "inf"),
    ],
)
def test_a_default_is_written_alike_at_each_start(name: str, default: str) -> None:
    step = step_of(described("every_default"), name)
    assert (step["required"], step["default"]) == (False, default)


def test_a_model_step_lists_the_wire_names_of_its_fields() -> None:
    wanted = step_of(described("every_source_of_the_head"), "wanted")
    assert wanted["fields"] == [
        {
            "keys": ["p", "page_number"],
            "many": False,
            "indexed": False,
            "nested": False,
            "delimiter": None,
            "max_bytes": None,
        },
        {"keys": ["tags"], "many": True, "indexed": False, "nested": False, "delimiter": None, "max_bytes": None},
    ]
    assert wanted["extras"] is True
    profile = step_of(described("a_form"), "profile")
    assert (profile["fields"][1]["keys"], profile["fields"][1]["max_bytes"]) == (["picture"], 1000)


def test_an_open_step_lists_the_limits_of_files() -> None:
    opened = next(step for step in described("a_form")["steps"] if step["step"] == "open" and step["source"] == "form")
    assert {name: rule["max_bytes"] for name, rule in opened["file_rules"].items()} == {"picture": 1000, "content": 5}
    assert opened["many"] is True


def test_an_open_step_lists_the_names_that_are_read() -> None:
    steps = [step for step in described("a_form")["steps"] if step["step"] == "open"]
    names = {step["source"]: step["names"] for step in steps}
    assert names == {"header": None, "form": ["name", "picture", "files", "content"]}


def test_a_split_names_the_members_of_the_body() -> None:
    split = next(step for step in described("a_keyed_body")["steps"] if step["step"] == "split")
    assert split["parts"] == [
        {"name": "item", "key": "item", "type": "Item", "required": True},
        {"name": "count", "key": "n", "type": "int", "required": False},
        {"name": "more", "key": "more", "type": "list[Item]", "required": True},
    ]


def test_a_call_lists_kind_lifetime_guard_and_arguments() -> None:
    plan = described("closed_in_the_end")
    one, two, result = (step_of(plan, name) for name in ("session", "lock", "result"))
    assert (one["kind"], one["lifetime"], one["guard"]) == ("async generator", "request", False)
    assert (two["kind"], two["lifetime"]) == ("generator", "function")
    assert [(each["parameter"], each["name"]) for each in result["arguments"]] == [("one", "session"), ("two", "lock")]
    guard = step_of(described("every_source_of_the_head"), "scoped")
    assert guard["guard"] is True
    item = next(
        each
        for each in step_of(described("every_source_of_the_head"), "result")["arguments"]
        if each["parameter"] == "item"
    )
    assert item["keyword_only"] is True


def test_policies_are_listed_with_their_place_and_the_reason_why_one_does_not_apply() -> None:
    app = App(policies=[Gate()])
    app.post("/", policies=[Counted()])(policies)
    app.get("/")(page)
    own = {"policy": "Counted", "declaration": "Counted()", "shared": False, "on_failure": None, "not_applied": None}
    other = {"policy": "Gate", "declaration": "Gate()", "owner": "application", "shared": True, "on_failure": None}
    post, get = (describe_plan(route.plan)["policies"] for route in app.routes if hasattr(route, "plan"))
    name = "POST / tests.declarative.test_described.policies"
    left_out = "`Gate` is for GET, not for POST"
    assert post == [{**other, "not_applied": left_out, "statuses": []}, {**own, "owner": name, "statuses": []}]
    assert get == [{**other, "not_applied": None, "statuses": [418]}]


def test_a_reply_lists_each_response() -> None:
    reply = described("a_keyed_body")["response"]
    assert (reply["kind"], reply["status"]) == ("outcome", 200)
    assert reply["options"] == {"exclude": ["a", "b"], "exclude_none": True, "by_alias": False}
    assert [(each["status"], each["kind"], each["type"]) for each in reply["responses"]] == [
        (201, "json", "Item"), (204, "empty", None), (410, "problem", "Gone"),
        (400, "problem", None), (413, "problem", None), (415, "problem", None), (422, "problem", None),
    ]  # fmt: skip
    assert described("page")["response"]["response_class"] == "HTMLResponse"
    assert described("socket")["response"] is None


def test_security_lists_schemes_and_scopes() -> None:
    basic, bearer = described("every_source_of_the_head")["security"]
    assert (basic["name"], basic["scheme"]["scheme"], basic["scopes"], basic["required"]) == (
        "HTTPBasic", "basic", [], False,
    )  # fmt: skip
    assert (bearer["scheme"], bearer["scopes"]) == ({"type": "http", "scheme": "bearer"}, ["a", "b", "read"])
    (key,) = described("a_form")["security"]
    assert key == {
        "name": "key",
        "scheme": {"type": "apiKey", "in": "header", "name": "X-Key", "description": "A key."},
        "scopes": [],
        "required": True,
    }


def test_another_process_describes_the_same() -> None:
    code = "import json; from tests.declarative.test_described import DESCRIBED; print(json.dumps(DESCRIBED))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)},
    )
    assert json.loads(done.stdout) == DESCRIBED

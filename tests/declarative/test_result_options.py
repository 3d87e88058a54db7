"""The options of a result: each option in each kind of result has its effect, or the route is rejected.

`ACCOUNT` lists them all: `+` the option is honoured, `-` the route is rejected by a SignatureError. Other marks:
`=`: a `Response` that the endpoint makes is sent as it is, and the option speaks to the OpenAPI document alone.
`.`: without an annotation, whether a class takes the value is seen at the request, and is an error then.
"""

import functools
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from signette import App, Created, NoContent, Ok, Problem, Response
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.markers import MISSING
from signette.exceptions import ResponseValidationError
from signette.responses import (
    EventSourceResponse,
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    ServerSentEvent,
    StreamingResponse,
)
from tests.asgi import Exchange, fetch

PAGE = Path(__file__).parent / "golden" / "page.txt"


class User(BaseModel):
    name: str = "ann"
    note: str | None = None
    secret: str = Field("s", serialization_alias="Secret")


class Public(BaseModel):
    name: str


class Gone(Problem, status=410):
    """It was here once."""


class Hal(JSONResponse):
    media_type = "application/hal+json"


class Marked(JSONResponse):
    """Marks what it sends, so that it shows whether it was asked."""

    def render(self, content: Any) -> bytes:
        return super().render(content) + b" "


USER = {"name": "ann", "note": None, "Secret": "s"}


@dataclass
class Kind:
    """A kind of result: its annotation, what is returned or yielded, and how the user is found in the body."""

    annotation: Any
    result: Callable[[], Any] = lambda: User(name="ann")
    yields: bool = False
    sync: bool = False
    part: Callable[[Exchange], Any] = lambda answer: answer.json
    options: dict[str, Any] = field(default_factory=dict)


def data_of(response: Exchange) -> Any:
    return json.loads(response.body.removeprefix(b"data: "))


def first_of(response: Exchange) -> Any:
    return response.json[0]


EVENTS = {"response_class": EventSourceResponse}
KINDS: dict[str, Kind] = {
    "no annotation": Kind(MISSING),
    "model": Kind(User),
    "list": Kind(list[User], lambda: [User(name="ann")], part=first_of),
    "iterable": Kind(Iterable[User], lambda: [User(name="ann")], part=first_of),
    "optional": Kind(User | None),
    "or a problem": Kind(User | Gone),
    "outcome": Kind(Created[User], lambda: Created(User(name="ann"))),
    "outcomes": Kind(Created[User] | Ok[str] | NoContent, lambda: Created(User(name="ann"))),
    "list in an outcome": Kind(Created[list[User]], lambda: Created([User(name="ann")]), part=first_of),
    "beside an outcome": Kind(User | NoContent),
    "lines": Kind(AsyncIterator[User], yields=True),
    "sync lines": Kind(Iterator[User], yields=True, sync=True),
    "unannotated lines": Kind(MISSING, yields=True),
    "events": Kind(AsyncIterator[ServerSentEvent], lambda: ServerSentEvent(User(name="ann")), True, part=data_of),
    "events of models": Kind(AsyncIterator[User], yields=True, part=data_of, options=EVENTS),
    "events and models": Kind(AsyncIterator[ServerSentEvent | User], yields=True, part=data_of),
    "class of JSON": Kind(User, options={"response_class": Hal}),
    "class of its own": Kind(User, options={"response_class": Marked}),
    "number": Kind(int, lambda: 1),
    "text": Kind(str, lambda: "ann"),
    "bytes": Kind(bytes, lambda: b"ann"),
    "chunks of text": Kind(AsyncIterator[str], lambda: "ann", True),
    "chunks of bytes": Kind(Iterator[bytes], lambda: b"ann", True, True),
    "file": Kind(Path, lambda: PAGE),
    "page": Kind(str, lambda: "ann", options={"response_class": HTMLResponse}),
    "redirect": Kind(str, lambda: "ann", options={"response_class": RedirectResponse}),
    "nothing": Kind(None, lambda: None),
    "response": Kind(Response, lambda: Response(b"{}", media_type="application/json")),
}


async def response_of(kind: Kind, change: Callable[[Response], None] | None = None, **options: Any) -> Exchange:
    """The response of an endpoint of this kind. `change` writes into the injected response."""

    async def endpoint(response: Response) -> Any:
        if change is not None:
            change(response)
        return kind.result()

    async def plain() -> Any:
        return kind.result()

    async def stream(response: Response) -> Any:
        if change is not None:
            change(response)
        yield kind.result()

    async def plain_stream() -> Any:
        yield kind.result()

    def sync_stream(response: Response) -> Any:
        if change is not None:
            change(response)
        yield kind.result()

    chosen: Any = (sync_stream if kind.sync else stream) if kind.yields else endpoint
    if change is None and not kind.sync:
        chosen = plain_stream if kind.yields else plain
    chosen.__annotations__["return"] = kind.annotation
    if kind.annotation is MISSING:
        del chosen.__annotations__["return"]
    app = App()
    app.get("/", **{**kind.options, **options})(chosen)
    reply = await fetch(app, "GET /")
    document = app.openapi()["paths"]["/"]["get"]["responses"]
    reply.documented = {status: set(each.get("content", ())) for status, each in document.items()}  # type: ignore[attr-defined]
    return reply


# -- what shows that an option counts ----------------------------------------------------------------------------------


def without(*names: str) -> Any:
    return {name: value for name, value in USER.items() if name not in names}


MODEL_OPTIONS: dict[str, tuple[dict[str, Any], Any]] = {
    "include": ({"response_model_include": {"name"}}, {"name": "ann"}),
    "include nothing": ({"response_model_include": set()}, {}),
    "exclude": ({"response_model_exclude": {"secret"}}, without("Secret")),
    "exclude_none": ({"response_model_exclude_none": True}, without("note")),
    "exclude_unset": ({"response_model_exclude_unset": True}, {"name": "ann"}),
    "exclude_defaults": ({"response_model_exclude_defaults": True}, {}),
    "by_alias": ({"response_model_by_alias": False}, {"name": "ann", "note": None, "secret": "s"}),
}
CLASSES: dict[str, tuple[Any, str]] = {
    "JSONResponse": (JSONResponse, "application/json"),
    "a class of JSON": (Hal, "application/hal+json"),
    "Response": (Response, ""),
    "HTMLResponse": (HTMLResponse, "text/html"),
    "PlainTextResponse": (PlainTextResponse, "text/plain"),
    "RedirectResponse": (RedirectResponse, ""),
    "FileResponse": (FileResponse, ""),
    "StreamingResponse": (StreamingResponse, ""),
    "EventSourceResponse": (EventSourceResponse, "text/event-stream"),
}


async def mark_of_model_option(kind: Kind, name: str) -> str:
    options, sent = MODEL_OPTIONS[name]
    return "+" if kind.part(await response_of(kind, **options)) == sent else "?"


async def mark_of_status(kind: Kind) -> str:
    response: Any = await response_of(kind, status_code=202)
    if kind.annotation is Response:
        return "=" if (response.status, set(response.documented)) == (200, {"202"}) else "?"
    return "+" if response.status == 202 and "202" in response.documented else "?"


async def mark_of_class(kind: Kind, name: str) -> str:
    cls, media_type = CLASSES[name]
    try:
        response: Any = await response_of(kind, response_class=cls)
    except SignatureError:
        raise
    except RuntimeError as error:  # a file was looked for
        return "+" if cls is FileResponse and "ann does not exist" in str(error) else "?"
    except (TypeError, ResponseValidationError):
        return "." if kind.annotation is MISSING else "?"
    found = response["content-type"] or ""
    if kind.annotation is Response:
        return "=" if found == "application/json" else "?"
    if cls is RedirectResponse:
        return "+" if response.status == 307 and response["location"] else "?"
    if cls is FileResponse:
        return "+" if response.body == PAGE.read_bytes() else "?"
    if cls in (Response, StreamingResponse):
        sent = str(PAGE) if kind.annotation is Path else "" if kind.annotation is None else "ann"
        return "+" if response.status == 200 and response.body == sent.encode() else "?"
    return "+" if found.startswith(media_type) else "?"


async def mark_of_model(kind: Kind) -> str:
    try:
        response = await response_of(kind, response_model=Public)
    except ResponseValidationError:  # the result is no such model
        return "+"
    if kind.annotation is Response:
        return "=" if response.json == {} else "?"
    # A path has a name, too.
    return "+" if response.json == {"name": PAGE.name if kind.annotation is Path else "ann"} else "?"


def change(response: Response) -> None:
    response.status_code = 203
    response.headers["x-a"] = "1"
    response.headers["cache-control"] = "max-age=3"
    response.headers["content-type"] = "application/x-own"
    response.headers["content-length"] = "1"
    response.set_cookie("a", "1")


async def mark_of_injected(kind: Kind) -> str:
    response = await response_of(kind, change)
    if kind.annotation is Response:
        return "=" if (response.status, response["x-a"]) == (200, None) else "?"
    fields = {name: response.all(name) for name in ("x-a", "cache-control", "content-type")}
    once = fields == {"x-a": ["1"], "cache-control": ["max-age=3"], "content-type": ["application/x-own"]}
    length = response.all("content-length") in ([], [str(len(response.body))])
    return "+" if once and length and response.status == 203 and len(response.all("set-cookie")) == 1 else "?"


# The model's options, the status and the model, the classes of responses in their order above, the injected response.
ACCOUNT = {
    "no annotation":      "+++++++ ++ ++...+..+ +",
    "model":              "+++++++ ++ ++------- +",
    "list":               "+++++++ ++ ++------+ +",
    "iterable":           "+++++++ ++ ++------+ +",
    "optional":           "+++++++ ++ ++------- +",
    "or a problem":       "+++++++ ++ ++------- +",
    "outcome":            "+++++++ -- ++------- +",
    "outcomes":           "+++++++ -- ++------- +",
    "list in an outcome": "+++++++ -- ++------- +",
    "beside an outcome":  "+++++++ +- ++------- +",
    "lines":              "+++++++ +- --------+ +",
    "sync lines":         "+++++++ +- --------+ +",
    "unannotated lines":  "+++++++ +- -------.+ +",
    "events":             "+++++++ +- --------+ +",
    "events of models":   "+++++++ +- --------+ +",
    "events and models":  "+++++++ +- --------+ +",
    "class of JSON":      "+++++++ ++ ++------- +",
    "class of its own":   "+++++++ ++ ++------- +",
    "number":             "------- ++ ++------- +",
    "text":               "------- ++ +++++++++ +",
    "bytes":             "------- ++ +++++--++ +",
    "chunks of text":     "------- +- -------++ +",
    "chunks of bytes":    "------- +- -------++ +",
    "file":               "------- ++ +++++++-- +",
    "page":               "------- +- +++++++++ +",
    "redirect":           "------- +- +++++++++ +",
    "nothing":            "------- ++ +++++---- +",
    "response":           "------- == ========= =",
}  # fmt: skip

QUESTIONS: dict[str, Callable[[Kind], Any]] = {
    **{name: functools.partial(mark_of_model_option, name=name) for name in MODEL_OPTIONS},
    "status_code": mark_of_status,
    "response_model": mark_of_model,
    **{name: functools.partial(mark_of_class, name=name) for name in CLASSES},
    "injected response": mark_of_injected,
}


@pytest.mark.parametrize("kind", KINDS)
async def test_each_option_is_honoured_or_the_route_is_rejected(kind: str) -> None:
    marks = {}
    for question, ask_it in QUESTIONS.items():
        try:
            marks[question] = await ask_it(KINDS[kind])
        except SignatureError:
            marks[question] = "-"
    assert marks == dict(zip(QUESTIONS, ACCOUNT[kind].replace(" ", ""), strict=True))


def test_the_account_has_a_row_for_each_kind_of_result() -> None:
    assert ACCOUNT.keys() == KINDS.keys()

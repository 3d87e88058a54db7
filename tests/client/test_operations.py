"""What `operations_of` reads from plans: arguments, results, problems, credentials, and which operations there are."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import pytest
from pydantic import BaseModel

from signette import (
    App,
    BackgroundTasks,
    Channel,
    Cookie,
    Created,
    Depends,
    EventSourceResponse,
    FileResponse,
    Header,
    HTMLResponse,
    JSONResponse,
    NoContent,
    Page,
    PlainTextResponse,
    Problem,
    Query,
    Raises,
    Request,
    Response,
    Security,
    Socket,
    Tagged,
    Topic,
    WebSocket,
)
from signette.client import OperationSpec, operations_of
from signette.client.runtime.spec import UNSET
from signette.events import Events
from signette.formats import CSV, JSON, JSONLines, MessagePack
from signette.policies import Idempotent
from signette.security import APIKeyCookie, APIKeyHeader, APIKeyQuery, HTTPBasic, HTTPDigest, OAuth2PasswordBearer

MISSING: Any = object()
T = TypeVar("T")


class Item(BaseModel):
    name: str


class Gone(Problem, status=410):
    """It was here once."""

    since: int


class Wrapped(BaseModel, Generic[T]):
    data: T


def operation_of(endpoint: Any, path: str = "/", method: str = "GET", **options: Any) -> OperationSpec:
    app = App(openapi_url=None, cursor_keys=["a key that is long enough"])
    app.add_api_route(path, endpoint, [method], **options)
    (operation,) = operations_of(app)
    return operation


# annotation, options -> (status, kind, type) of each result
RESULTS: list[tuple[Any, dict[str, Any], list[tuple[Any, str, Any]]]] = [
    (Item, {}, [(200, "json", Item)]),
    (Item, {"status_code": 201}, [(201, "json", Item)]),
    (Item | None, {}, [(200, "json", Item | None)]),
    (Created[Item] | NoContent | str, {}, [(201, "json", Item), (204, "empty", None), (200, "json", str)]),
    (Tagged[Item], {}, [(200, "json", Item)]),
    (None, {}, [(204, "empty", None)]),
    (str, {}, [(200, "text", str)]),
    (bytes, {}, [(200, "bytes", bytes)]),
    (Path, {}, [(200, "file", None), (206, "file", None)]),
    (AsyncIterator[Item], {}, [(200, "items", Item)]),
    (AsyncIterator[str], {}, [(200, "text chunks", None)]),
    (Iterator[bytes], {}, [(200, "chunks", None)]),
    (Events[Item], {}, [(200, "events", Item)]),
    (MISSING, {}, [(None, "any", None)]),
    (Response, {}, [(None, "any", None)]),
    (HTMLResponse | PlainTextResponse, {}, [(None, "any", None)]),
    (FileResponse, {}, [(None, "any", None), (206, "any", None)]),
    (str, {"response_class": HTMLResponse}, [(200, "text", None)]),
    (dict[str, int], {"response_class": JSONResponse}, [(200, "json", dict[str, int])]),
    (Iterator[Item], {"response_class": EventSourceResponse}, [(200, "events", Item)]),
    (list[Item], {"renders": [CSV, JSON]}, [(200, "json", list[Item])]),
    (list[Item], {"renders": [CSV, MessagePack]}, [(200, "json", list[Item])]),
    (list[Item], {"renders": [CSV]}, [(200, "bytes", None)]),
    (Iterator[Item], {"renders": [JSON, JSONLines]}, [(200, "items", Item)]),
    (Item, {"envelope": Wrapped}, [(200, "json", Item)]),
]


# The media type that a client asks for, by the formats that there are.
ACCEPTED = {
    (): "",
    ("CSV", "JSON"): "application/json",
    ("CSV", "MessagePack"): "application/vnd.msgpack",
    ("CSV",): "text/csv",
    ("JSON", "JSONLines"): "application/jsonl",
}  # fmt: skip


@pytest.mark.parametrize(("annotation", "options", "results"), RESULTS)
def test_results_have_a_status_a_kind_and_a_type(annotation: Any, options: Any, results: Any) -> None:
    if annotation in (AsyncIterator[Item], AsyncIterator[str], Events[Item]):

        async def endpoint() -> Any:
            yield None
    elif annotation in (Iterator[Item], Iterator[bytes]):

        def endpoint() -> Any:  # type: ignore[misc]
            yield None
    else:

        async def endpoint() -> Any: ...  # type: ignore[misc]

    endpoint.__annotations__.clear()
    if annotation is not MISSING:
        endpoint.__annotations__["return"] = annotation
    operation = operation_of(endpoint, **options)
    assert [(each.status, each.kind, each.type) for each in operation.results] == results
    formats = tuple(each.__name__ for each in options.get("renders", ()))
    assert operation.accept == ACCEPTED[formats]


def test_an_injected_response_may_change_the_status() -> None:
    async def endpoint(response: Response) -> Item: ...

    assert [each.status for each in operation_of(endpoint).results] == [None]


def test_an_envelope_and_options_of_fields_are_in_the_result() -> None:
    async def endpoint() -> Item: ...

    (result,) = operation_of(endpoint, envelope=Wrapped, response_model_exclude_none=True).results
    assert (result.envelope, result.is_partial, result.by_alias) == ("data", True, True)
    (other,) = operation_of(endpoint, response_model_by_alias=False).results
    assert (other.envelope, other.is_partial, other.by_alias) == ("", False, False)


def test_problems_are_returned_or_raised() -> None:
    class Other(Problem, status=409): ...

    async def dependency() -> Annotated[int, Raises(Other)]: ...

    async def endpoint(value: Annotated[int, Depends(dependency)]) -> Item | Gone: ...

    operation = operation_of(endpoint, responses={418: {"description": "x"}})
    found = [(each.status, each.type, each.cls, each.members, each.is_returned) for each in operation.problems]
    assert found == [
        (410, "urn:problem-type:gone", Gone, (("since", int),), True),
        (409, "urn:problem-type:other", Other, (), False),
    ]
    assert [each.status for each in operation.results] == [200]


async def paged(size: int = 10, page_size: Annotated[int, Query(alias="size")] = 10) -> int:
    return size


async def of_user(x_user: Annotated[str, Header(description="Who asks.")], session: Annotated[str, Cookie()]) -> str:
    return x_user


def test_arguments_are_those_of_the_endpoint_and_of_its_dependencies() -> None:
    async def endpoint(
        request: Request,
        tasks: BackgroundTasks,
        user: Annotated[str, Depends(of_user)],
        size: Annotated[int, Depends(paged)],
        item: int,
        channel: Annotated[Channel[int], Topic("x/{item}")],
        q: str = "a",
    ) -> None: ...

    operation = operation_of(endpoint, "/{item}")
    assert operation.order == ("x_user", "session", "item", "size", "q")
    described = {each.argument: (each.place, each.names[0].name, each.default, each.doc) for each in operation.inputs}
    assert described == {
        "x_user": ("header", "x-user", UNSET, "Who asks."),
        "session": ("cookie", "session", UNSET, ""),
        "size": ("query", "size", 10, ""),
        "item": ("path", "item", UNSET, ""),
        "q": ("query", "q", "a", ""),
    }


def test_arguments_of_one_name_in_two_places_have_two_names() -> None:
    async def dependency(item: Annotated[str, Header()]) -> str: ...

    async def endpoint(item: int, other: Annotated[str, Depends(dependency)]) -> None: ...

    operation = operation_of(endpoint, "/{item}")
    assert [(each.argument, each.place) for each in operation.arguments] == [
        ("item", "path"),
        ("item_header", "header"),
    ]


KEY = APIKeyHeader(name="X-Key")
SCHEMES: list[tuple[Any, tuple[Any, ...]]] = [
    (KEY, ("APIKeyHeader", "key", "header", "X-Key", "")),
    (APIKeyQuery(name="key"), ("APIKeyQuery", "key", "query", "key", "")),
    (APIKeyCookie(name="key"), ("APIKeyCookie", "key", "cookie", "key", "")),
    (HTTPBasic(), ("HTTPBasic", "basic", "header", "Authorization", "")),
    (HTTPDigest(), ("HTTPDigest", "authorization", "header", "Authorization", "digest")),
    (OAuth2PasswordBearer("token"), ("OAuth2PasswordBearer", "bearer", "header", "Authorization", "")),
]


@pytest.mark.parametrize(("scheme", "described"), SCHEMES)
def test_security_schemes_take_credentials_and_no_arguments(scheme: Any, described: tuple[Any, ...]) -> None:
    async def endpoint(key: Annotated[Any, Security(scheme)]) -> None: ...

    operation = operation_of(endpoint)
    assert operation.arguments == ()
    ((found,),) = operation.security
    assert (found.name, found.kind, found.place, found.key, found.scheme) == described


def test_an_optional_scheme_is_an_alternative() -> None:
    optional = OAuth2PasswordBearer("token", auto_error=False, scopes={"read": "Read"})

    async def endpoint(
        key: Annotated[str, Depends(KEY)], token: Annotated[Any, Security(optional, scopes=["read"])]
    ) -> None: ...

    alternatives = operation_of(endpoint).security
    assert [[(each.name, each.scopes) for each in each_of] for each_of in alternatives] == [
        [("APIKeyHeader", ()), ("OAuth2PasswordBearer", ("read",))],
        [("APIKeyHeader", ())],
    ]


def test_an_idempotency_key_is_no_argument() -> None:
    async def endpoint() -> int: ...

    operation = operation_of(endpoint, method="POST", policies=[Idempotent(required=True)])
    assert (operation.order, operation.idempotency_key, operation.needs_key) == ((), "Idempotency-Key", True)
    assert operation.is_idempotent


def test_pages_have_their_parameters() -> None:
    async def endpoint(page: Page.Cursor[int]) -> Page[Item]: ...

    operation = operation_of(endpoint)
    assert operation.paging is not None
    assert (operation.paging.argument, operation.paging.limit) == ("cursor", "limit")
    assert [(each.status, each.kind, each.type) for each in operation.results] == [(200, "page", Item)]


def test_sockets_have_the_types_of_their_messages() -> None:
    app = App()

    @app.websocket("/typed/{room}")
    async def typed(socket: Socket[Item, int], room: str) -> None: ...

    @app.websocket("/plain")
    async def plain(socket: WebSocket) -> None: ...

    found = {each.name: each for each in operations_of(app)}
    assert found["typed"].socket is not None
    assert (found["typed"].socket.sends, found["typed"].socket.receives) == (Item, int)
    assert (found["typed"].method, found["typed"].order) == ("WEBSOCKET", ("room",))
    assert found["plain"].socket is not None
    assert (found["plain"].socket.sends, found["plain"].socket.receives) == (UNSET, UNSET)


def test_the_first_of_two_routes_with_a_path_counts_and_hidden_ones_are_there() -> None:
    app = App()

    @app.get("/items/{item}", tags=["a"], deprecated=True)
    async def first(item: int) -> int:
        """The first one.

        It has more lines.
        """

    @app.get("/items/{other}")
    async def second(other: int) -> int: ...

    @app.get("/hidden", include_in_schema=False)
    async def hidden() -> int: ...

    @app.api_route("/both", methods=["GET", "HEAD", "POST"])
    async def both() -> int: ...

    found = {each.name: each for each in operations_of(app)}
    assert {name: (each.method, each.in_schema) for name, each in found.items()} == {
        "first": ("GET", True), "hidden": ("GET", False), "both_get": ("GET", True), "both_post": ("POST", True),
    }  # fmt: skip
    one = found["first"]
    assert (one.tags, one.is_deprecated, one.doc) == (("a",), True, "The first one.\n\nIt has more lines.")

"""What a client knows of an operation: its arguments, how they are written in a request, and its responses.

Theory of operation. `OperationSpec` and its parts are frozen data, made of literals and types: from the plans of an
application (`signette.client.operations`), or written in a generated module. The encoder reads `inputs` and `body`, the
decoder `results` and `problems`, and neither sees the application.

An argument becomes one or several *names* of the request. A model that is read from the query is one argument with a
`NameSpec` for each of its fields; all other arguments have one.
"""

from dataclasses import dataclass
from typing import Any, Literal


class Unset:
    """The type of `UNSET`: no value, since `None` may be a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "UNSET"  # unpickled and copied as the same object


UNSET = Unset()

Place = Literal["path", "host", "query", "header", "cookie", "form", "member", "body"]
"""Where an argument is sent. `host` is a part of the `Host` header, `member` a member of a JSON object, and `body` the
whole body."""
Style = Literal["text", "list", "delimited", "brackets", "json", "file"]
"""How a value is written under its name: as one text, as a text for each item under the same name, as one text with a
delimiter between items, under names with brackets (`address[zip]`), as a JSON text, or as a file of a form."""
BodyKind = Literal["json", "members", "patch", "bytes", "items", "form", "multipart", "parts", "content"]
"""`json`: one argument is the JSON body. `members`: each argument is a member of a JSON object. `patch`: a JSON merge
patch, or a JSON Patch, by `media_types`. `bytes`: the body as it is. `items`: a stream of items. `form`: URL-encoded.
`multipart`: a form with files or JSON parts. `parts`: a multipart form with parts of any name. `content`: JSON, or
another format that can write JSON values, by `media_types`."""
ResultKind = Literal[
    "json", "text", "bytes", "empty", "file", "chunks", "text chunks", "items", "events", "page", "any", "socket"
]
"""`any`: the type is not declared, so JSON is decoded, text is a `str`, and other bodies are `bytes`."""
SecurityKind = Literal["bearer", "basic", "authorization", "key"]
"""`bearer`: `Authorization: Bearer ...`, also of OAuth 2. `basic`: a user name and a password. `authorization`: another
`Authorization` header. `key`: an API key."""


@dataclass(frozen=True, slots=True)
class NameSpec:
    """A name of the request, and how the value under it is written."""

    name: str
    style: Style = "text"
    delimiter: str = ""
    """The text between items, of the style `delimited`."""
    member: str = ""
    """The member of the argument's JSON value that it holds. Empty: the whole value."""
    attribute: str = ""
    """Of the style `file`: the attribute of a model that holds it."""
    many: bool = False
    """Of the style `file`: it may hold several files."""
    sends_empty: bool = True
    """An empty text is a value. False: the application takes it for a value that was not sent."""
    convertor: str = ""
    """Of a path parameter: the convertor of its template, such as `int` or `path`."""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """An argument of an operation."""

    argument: str
    place: Place
    type: Any
    """The type of Python values, with the constraints of the application."""
    names: tuple[NameSpec, ...]
    """Where the value is written. Empty for a whole body."""
    required: bool = True
    default: Any = UNSET
    """What the application uses if the argument is not sent; UNSET if it is required, or not a plain value."""
    is_model: bool = False
    """It is a model whose fields are names of the request."""
    doc: str = ""


@dataclass(frozen=True, slots=True)
class BodySpec:
    """The body of a request."""

    kind: BodyKind
    inputs: tuple[InputSpec, ...]
    media_types: tuple[str, ...]
    """The accepted media types, the one that the client sends first."""
    required: bool = True


@dataclass(frozen=True, slots=True)
class EventSpec:
    """A named event of a stream, and the type of its data. Without a name: an event that has none."""

    name: str | None
    type: Any


@dataclass(frozen=True, slots=True)
class ResultSpec:
    """A response that has a result."""

    status: int | None
    """None: any status below 400."""
    kind: ResultKind
    type: Any = None
    """The type of the value; of an item, for a stream of items and for a page."""
    media_types: tuple[str, ...] = ()
    """The media types that it may have. Empty: they are not known."""
    envelope: str = ""
    """The member of the JSON object that holds the value."""
    by_alias: bool = True
    """Fields have their aliases, and not the names in Python."""
    is_partial: bool = False
    """The application leaves fields out, which are `None` then."""
    events: tuple[EventSpec, ...] = ()
    """The events of a stream that have a declared type."""
    sends_text: bool = False
    """The data of events is text, and not JSON."""


@dataclass(frozen=True, slots=True)
class ProblemSpec:
    """A problem that an operation declares (RFC 9457)."""

    status: int
    type: str
    """The URI that identifies the problem."""
    cls: Any
    """The class that is raised. It is called with the members as keyword arguments."""
    members: tuple[tuple[str, Any], ...] = ()
    """The names of its members, with their types."""
    is_returned: bool = False
    """The operation returns it, so that it is not raised."""


@dataclass(frozen=True, slots=True)
class SecuritySpec:
    """Credentials that an operation takes."""

    name: str
    """The name of the scheme in the OpenAPI document."""
    kind: SecurityKind
    place: Literal["header", "query", "cookie"] = "header"
    key: str = "Authorization"
    """The name of the header, query parameter or cookie."""
    scheme: str = ""
    """The authentication scheme of an `Authorization` header, if it is known: `Digest`."""
    scopes: tuple[str, ...] = ()
    token_url: str = ""
    """Of OAuth 2: the URL that issues tokens, which may be relative to the API."""


@dataclass(frozen=True, slots=True)
class PagingSpec:
    """How an operation pages."""

    argument: str
    """The argument for another page: `cursor` or `offset`."""
    limit: str = "limit"
    """The argument for the number of items."""
    items: str = "items"
    next: str = "next"
    """The members of the body with the items, and with the value for the next page."""


@dataclass(frozen=True, slots=True)
class SocketSpec:
    """The messages of a WebSocket."""

    sends: Any = UNSET
    """The type of messages from the client; UNSET if it is not declared, None if it sends nothing."""
    receives: Any = UNSET
    """The type of messages from the application."""
    rejects_messages: bool = False
    """The application sends a problem for a message that is not valid, and goes on."""
    subprotocol: str = ""
    """The subprotocol that it requires."""


@dataclass(frozen=True, slots=True)
class OperationSpec:
    """An operation, as a client sees it."""

    name: str
    """The operation id: the name of the method."""
    method: str
    """The HTTP method, or `WEBSOCKET`."""
    path: str
    """The template, without convertors: `/orders/{order_id}`."""
    inputs: tuple[InputSpec, ...] = ()
    """The arguments in the path, the query, headers and cookies."""
    body: BodySpec | None = None
    results: tuple[ResultSpec, ...] = ()
    problems: tuple[ProblemSpec, ...] = ()
    security: tuple[tuple[SecuritySpec, ...], ...] = ()
    """Alternatives. The schemes of one are sent together; an empty one needs no credentials."""
    order: tuple[str, ...] = ()
    """All arguments, the required ones first, otherwise in the order of the signature."""
    accept: str = ""
    """The `Accept` header, if the response has a choice of formats."""
    paging: PagingSpec | None = None
    socket: SocketSpec | None = None
    resumes: bool = False
    """Its events have ids: the stream starts after `Last-Event-ID`."""
    idempotency_key: str = ""
    """The header of the idempotency key, if the operation runs once for each key."""
    needs_key: bool = False
    """A request without an idempotency key is rejected."""
    host: str = ""
    """The template of the `Host` header, if the operation belongs to a host."""
    unsupported: str = ""
    """Why a client cannot call it: a call raises `Unsupported`. Empty: it can."""
    is_deprecated: bool = False
    in_schema: bool = True
    """It is in the OpenAPI document."""
    tags: tuple[str, ...] = ()
    doc: str = ""

    @property
    def is_safe(self) -> bool:
        """Whether the method only reads (RFC 9110 section 9.2.1)."""
        return self.method in ("GET", "HEAD", "OPTIONS", "TRACE", "QUERY")

    @property
    def is_idempotent(self) -> bool:
        """Whether a repeated request has the effect of one: by its method, or by a key that it is sent with."""
        return self.is_safe or self.method in ("PUT", "DELETE") or bool(self.idempotency_key)

    @property
    def arguments(self) -> tuple[InputSpec, ...]:
        """All arguments, in the order of `order`."""
        found = {each.argument: each for each in (*self.inputs, *(() if self.body is None else self.body.inputs))}
        return tuple(found[name] for name in self.order) if self.order else tuple(found.values())

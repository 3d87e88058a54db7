"""A contract: what a client can notice of an API, as plain JSON values. `schemas/contract.schema.json` is its schema.

Theory of operation. A contract is made from an OpenAPI document (`contract_of_document`); that of an application has
facts that only the plans of its routes have, too (`contract_of`). It is canonical: two APIs that are the same for each
client have the same contract. So

* operations are found by method and path, without the names of path parameters; inputs by place and name;
* what is for people is left out: titles, descriptions, examples, tags, summaries; names stay where they are labels;
* members with a default in OpenAPI (`style`, `explode`, `required`) are always there;
* lists without an order (`required`, `enum`, `anyOf`, scopes) are sorted, and members of objects are;
* references to schemas stay, as `#/schemas/Name`; all other references are resolved; components that no operation
  reaches are left out.

The types are those of `dict`s, so a JSON Pointer into the file is the path into the value.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

FORMAT = 1
"""The value of `signette_contract`. A reader of another number cannot read the file."""
SCHEMAS = "#/schemas/"

Schema = dict[str, Any]
"""A JSON Schema of draft 2020-12; inside of it `False` is a schema, too, and `True` is written as `{}`."""
Place = Literal["path", "query", "header", "cookie", "querystring"]


class Content(TypedDict):
    """What is sent with one media type. Streams of items have the schema of an array of these items."""

    schema: Schema
    """`{}` if nothing is known."""
    encoding: NotRequired[dict[str, Any]]
    """The Encoding Objects of the parts of a form, by name."""


_Placed = TypedDict("_Placed", {"in": Place})  # `in` is a keyword, so it cannot be a name in a class


class Input(_Placed):
    """A value of the request that is not in the body. Its key is `query limit`, `header if-match`, or `path 1`.

    Path parameters are counted from 1, so another name is no other input. Names of headers are in lower case.
    """

    name: str
    required: bool
    deprecated: bool
    style: str
    explode: bool
    schema: Schema
    """Without the default."""
    default: NotRequired[Any]
    media_type: NotRequired[str]
    """The value is a text of this media type, such as JSON."""
    allow_empty: NotRequired[bool]
    allow_reserved: NotRequired[bool]


class Body(TypedDict):
    """The request body."""

    required: bool
    contents: dict[str, Content]
    """By media type."""
    encodings: NotRequired[list[str]]
    """The content codings that the application decodes, such as `gzip`. Missing: not known."""
    requires_media_type: NotRequired[bool]
    """A body of JSON without `Content-Type` is rejected. Missing: not known, or another kind of body."""


class Header(TypedDict):
    """A header of a response, by its name in lower case."""

    required: bool
    schema: Schema


class Response(TypedDict):
    """The responses with one status: `200`, `4XX` or `default`."""

    contents: dict[str, Content]
    """By media type, without `application/problem+json`: see `ProblemContract`."""
    headers: dict[str, Header]


class ProblemContract(TypedDict):
    """A problem (RFC 9457) that an operation sends. Its key is `404 urn:...`, or `404` for those without a fixed type.

    Its status is in `responses`, too, with the headers.
    """

    status: str
    type: str | None
    """Its problem type, if the schema has one."""
    schema: Schema


class Requirement(TypedDict):
    """A security scheme that a request must satisfy."""

    scheme: str
    scopes: list[str]


class Deprecation(TypedDict):
    """An operation that is deprecated. Dates are RFC 3339 times in UTC."""

    since: str | None
    sunset: str | None
    successor: str | None
    docs: str | None


class Paging(TypedDict):
    """The response is a page of a list; the value of the member `next` is that of `parameter` for the next page."""

    parameter: str
    items: str
    next: str
    default_limit: int
    max_limit: int
    max_offset: int | None


class FileContract(TypedDict):
    """The rule for the files of one name in a form."""

    max_bytes: int | None
    media_types: list[str]
    sniff: bool
    """The first bytes must be those of the media type."""


class StreamContract(TypedDict):
    """The limits of a request body that is a stream of items. None: there is no such limit."""

    on_error: str
    max_errors: int | None
    max_items: int | None
    max_item_bytes: int | None
    max_bytes: int | None


class Conditional(TypedDict):
    """Conditional requests (RFC 9110 §13)."""

    precondition_required: bool
    """A request without a precondition gets a 428."""
    tagged: list[str]
    """The statuses of the responses with `ETag` or `Last-Modified`."""


class PolicyContract(TypedDict):
    """A policy of an operation, by the name of its class."""

    arguments: dict[str, Any]
    """The arguments of its class that a client can notice, also those that are defaults."""
    statuses: list[str]
    """The statuses of its problems."""


class OperationContract(TypedDict):
    """An operation: a method and a path, or a webhook."""

    name: str | None
    """Its `operationId`."""
    path: str
    """With the names of its parameters. Of a webhook: its name. Of a callback: the runtime expression."""
    deprecated: Deprecation | None
    inputs: dict[str, Input]
    body: Body | None
    responses: dict[str, Response]
    problems: dict[str, ProblemContract]
    security: list[list[Requirement]]
    """Alternatives, each of schemes that are required together. An empty alternative: anonymous requests are allowed,
    too. Empty as a whole: no credentials are needed."""
    callbacks: NotRequired[dict[str, "OperationContract"]]
    """Requests that the application sends because of this operation, by `METHOD name expression`. As for webhooks, what
    is an input elsewhere is an output here: the application makes the request, and the client responds."""
    # What only a plan knows. A missing member is not known, which is so in contracts of OpenAPI documents.
    limits: NotRequired[dict[str, int | None]]
    """The limits of its request body, as in `Limits`. None: there is no limit."""
    policies: NotRequired[dict[str, PolicyContract]]
    formats: NotRequired[list[str]]
    """The media types that `Accept` chooses from, the one without `Accept` first."""
    rejects_unknown: NotRequired[list[str]]
    """The places where unknown names are rejected: `query`, `form`."""
    conditional: NotRequired[Conditional]
    paging: NotRequired[Paging]
    resumes: NotRequired[bool]
    """It is a stream of events that starts after `Last-Event-ID`."""
    stream: NotRequired[StreamContract]
    files: NotRequired[dict[str, FileContract]]
    """The rules for files, by the name of the part."""


class MessageContract(TypedDict):
    """A message of a WebSocket."""

    media_type: str
    schema: Schema


class SocketContract(TypedDict):
    """A WebSocket, by its path without the names of path parameters."""

    name: str
    path: str
    deprecated: Deprecation | None
    inputs: dict[str, Input]
    receives: dict[str, MessageContract]
    """The messages of the client, by name."""
    sends: dict[str, MessageContract]
    """The messages of the application, by name."""
    security: list[list[Requirement]]
    options: dict[str, Any]
    """The options of its `Socket` that a client can notice: `on_invalid`, `heartbeat`, `subprotocols`, ..."""
    limits: dict[str, int | None]
    policies: dict[str, PolicyContract]


class Contract(TypedDict):
    """All that a client can notice of an API."""

    signette_contract: int
    title: str
    version: str
    made_from: Literal["application", "openapi"]
    """`openapi`: it has no WebSockets and none of the facts that only plans have: they are not known."""
    servers: list[str]
    limits: dict[str, int | None]
    """The limits of all requests: path, query string and headers, as in `Limits`. None: there is no limit."""
    operations: dict[str, OperationContract]
    """By method and path: `GET /orders/{}`."""
    sockets: dict[str, SocketContract]
    webhooks: dict[str, OperationContract]
    """By method and name: `POST order_paid`. Their directions are the other ones: the client gets the inputs and the
    body, and sends the responses."""
    schemes: dict[str, dict[str, Any]]
    """OpenAPI's Security Scheme Objects."""
    schemas: dict[str, Schema]


def text_of(contract: Contract) -> str:
    """The contract as the text of its file, which is the same for equal contracts."""
    return json.dumps(contract, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def resolve(schema: Mapping[str, Any], contract: Contract) -> Mapping[str, Any]:
    """The schema that `$ref` points to, if it is a reference without other members; otherwise the schema itself."""
    met: set[str] = set()
    while len(schema) == 1 and (reference := str(schema.get("$ref", ""))).startswith(SCHEMAS) and reference not in met:
        met.add(reference)
        schema = contract["schemas"][reference.removeprefix(SCHEMAS)]
    return schema

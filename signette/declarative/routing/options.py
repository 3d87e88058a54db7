"""The options of routes, routers and applications."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Literal, TypedDict

from signette.declarative.formats.base import Format
from signette.declarative.inspection.option_origins import DeclaredOptions
from signette.declarative.policies.base import Off, Policy
from signette.declarative.policies.entries import SharedPolicy
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.executors import Executor
from signette.declarative.signature.pages import PageLimit
from signette.declarative.signature.tool import Tool


def copied(value: Any) -> Any:
    """A copy of dictionaries, lists, sets and tuples, so that later changes have no effect.

    Items are not copied, nor are subclasses of these, such as the live routes of a router.
    """
    if isinstance(value, DeclaredOptions):
        return DeclaredOptions.of({key: copied(each) for key, each in value.items()}, *value.declarations)
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    if type(value) in (list, tuple, set):
        return type(value)(copied(each) for each in value)
    return value


class FormLimits(TypedDict, total=False):
    """Limits of forms, in place of the application's `limits`."""

    max_fields: int
    max_files: int
    max_part_size: int
    """Bytes of a field that is not a file."""


class CommonOptions(TypedDict, total=False):
    """Options of routes, routers and applications. The innermost wins; some are combined."""

    max_body_size: int | None
    """Maximum size of a request body in bytes, in place of outer limits."""
    form_limits: FormLimits | None
    request_encodings: Sequence[str] | None
    """The encodings in which clients may compress the request body: `["gzip", "br"]`. `[]`: none."""
    unknown_query_params: Literal["ignore", "log", "forbid"]
    """How to handle unknown query parameters: ignore them, log them, or respond 422."""
    strict_content_type: bool
    """False: a body without a Content-Type is read as JSON."""
    generate_unique_id_function: Callable[[Any], str]
    """Makes the operation id from the route."""
    errors: ProblemFormat | None
    """The format of error responses and their schemas, in place of outer formats."""
    validate_responses: Literal["strict", "warn", "off"] | float
    """Response validation: whether instances of the declared type are validated before they are sent. "strict" responds
    500 to invalid results, "warn" logs them, a number such as 0.01 logs them for this share. The default is "off"."""
    executor: Executor | None
    """Where sync endpoints run: `Thread(limit=4)`, `Process(limit=2)` or `Interpreter(limit=2)`."""
    cancel_on_disconnect: bool
    """Whether the endpoint is cancelled when the client disconnects. Short for `policies=[CancelOnDisconnect()]`."""
    renders: Sequence[type[Format] | Format] | None
    """The formats of results, the preferred one first: `[JSON, CSV]`. The header `Accept` chooses one. None: JSON."""
    envelope: type[Any] | None
    """A generic model around each result in JSON, such as `class Envelope(BaseModel, Generic[T]): data: T`."""
    etag: bool
    """Whether responses to GET have an `ETag` of their bytes, and are a 304 for a client that has them. Short for
    `policies=[ETag()]`."""
    timeout: float | None
    """Seconds after which a request is cancelled, and responded to with 504. Short for `policies=[Deadline(2)]`."""
    tool: bool | Tool | None
    """Whether the operation is a tool for agents: `True`, or `Tool(name=...)` on an operation."""
    openapi_extra: Mapping[str, Any] | None
    """Members to merge into the OpenAPI operation object."""
    callbacks: Sequence[Any] | None
    """OpenAPI callbacks: the `routes` of a router with paths such as `{$callback_url}/paid`."""


Described = Mapping[str, Any]
# Three types, because type checkers reject a `dict[int, ...]` for a `Mapping[int | str, ...]`.
MoreResponses = Mapping[int, Described] | Mapping[str, Described] | Mapping[int | str, Described]


class OperationOptions(TypedDict, total=False):
    """Options of a single route, for HTTP or WebSockets."""

    name: str
    """The route's name for `url_for`; by default the function's name."""
    dependencies: Sequence[Dependency]
    """Dependencies without a parameter: `[Depends(check)]`. They run before those of the parameters."""
    policies: Sequence[Policy | Off | SharedPolicy] | None
    """Policies of the operation: `[RateLimit("10/minute")]`. They replace outer ones of the same classes."""
    tags: Sequence[str]
    summary: str
    """A short summary; by default made from the function's name."""
    description: str
    """A description in Markdown; by default the function's docstring."""
    deprecated: bool | date
    """Whether the operation is deprecated, or since when. A date is short for `policies=[Deprecated(date)]`."""
    sunset: date | None
    """After when the operation may stop to work. Short for `policies=[Deprecated(sunset=date)]`."""
    operation_id: str
    include_in_schema: bool


class WebSocketOptions(OperationOptions, total=False):
    """Options of a WebSocket route."""

    unknown_query_params: Literal["ignore", "log", "forbid"]
    """How to handle unknown query parameters."""
    errors: ProblemFormat | None


class RouteOptions(CommonOptions, OperationOptions, total=False):
    """Options of an HTTP route."""

    status_code: int
    """The default status; 200, or 204 for the annotation `None`."""
    response_model: Any
    """The type to validate and filter results by, instead of the return annotation. None: neither."""
    response_class: type[Any]
    """The `Response` class for results."""
    response_description: str
    """The OpenAPI description of the response."""
    responses: MoreResponses
    """Additional OpenAPI responses: `{404: {"model": Missing, "description": "..."}}`."""
    response_model_include: Any
    response_model_exclude: Any
    response_model_by_alias: bool
    response_model_exclude_unset: bool
    response_model_exclude_defaults: bool
    response_model_exclude_none: bool


class SharedRouteOptions(CommonOptions, total=False):
    """Options of an application, a router or an `include_router` call, for all their routes."""

    prefix: str
    """The prefix of all paths; it may have path parameters."""
    tags: Sequence[str] | None
    dependencies: Sequence[Dependency] | None
    policies: Sequence[Policy | Off] | None
    """Policies of all operations to which they can apply."""
    responses: MoreResponses | None
    default_response_class: type[Any] | None
    """The default `response_class`."""
    page_limit: PageLimit | None
    """How many items a page has: `Page.Limit(50, maximum=500)`. A page parameter may have its own."""
    deprecated: bool | date | None
    sunset: date | None
    include_in_schema: bool


class RouterOptions(SharedRouteOptions, total=False):
    """Options of a router or an `include_router` call, for all their routes."""

    version: str
    """The version of the API that the routes belong to. It is the segment of their paths before `prefix`: "v1"."""


# Options of routers that routes do not have, and that are among the options of their endpoints.
FROM_ROUTERS = frozenset({"default_response_class", "page_limit", "version"})


class OwnOptions(TypedDict, total=False):
    """Options of an application that are not those of its routes."""

    route_class: type[Any]
    """The class of the routes that the application declares: a subclass of `TypedRoute`."""
    redoc_url: str | None
    """The URL of a page of ReDoc: that of `docs=`, or else `ReDoc()`."""
    asyncapi_url: str | None
    """The URL of the AsyncAPI document, which an application with WebSocket routes has; by default `/asyncapi.json`."""
    cursor_keys: Sequence[str | bytes]
    """The secrets that sign cursors of pages. The first one signs, all are valid. Each has at least 16 bytes."""
    root_path_in_servers: bool
    """Whether the document lists the `root_path` of the request among its servers, if it has no others."""
    webhooks: Any
    """A router whose operations are webhooks."""
    swagger_ui_parameters: Mapping[str, Any] | None
    """For `docs=SwaggerUI()`: its `parameters`."""
    swagger_ui_init_oauth: Mapping[str, Any] | None
    """For `docs=SwaggerUI()`: its `init_oauth`."""
    swagger_ui_oauth2_redirect_url: str | None
    """For `docs=SwaggerUI()`: its `oauth2_redirect_url`."""
    telemetry: Any
    """No effect: add `OpenTelemetryMiddleware`."""


class AppOptions(SharedRouteOptions, OwnOptions, total=False):
    """Options of an application: those for all its routes, and its own."""

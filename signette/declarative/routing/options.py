"""What can be said of an operation beside its signature. Written once, for each verb, router and application."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict

from signette.declarative.problems.format import ProblemFormat
from signette.declarative.signature.depends import Dependency


def copied(value: Any) -> Any:
    """The value with its dictionaries, lists, sets and tuples copied: options count as they were when they were given.

    What is in them stays the same object, and so does a list of a class of its own, as the live routes of a router.
    """
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    if type(value) in (list, tuple, set):
        return type(value)(copied(each) for each in value)
    return value


class FormLimits(TypedDict, total=False):
    """How much a form may bring, in place of the application's `limits`."""

    max_fields: int
    max_files: int
    max_part_size: int
    """Bytes of one field that is no file."""


class CommonOptions(TypedDict, total=False):
    """What routes, routers and applications say alike. Of several layers the innermost counts, or they add up."""

    max_body_size: int | None
    """Bytes that a request's body may have, in place of the bound further out."""
    form_limits: FormLimits | None
    unknown_query_params: Literal["ignore", "log", "forbid"]
    """What becomes of query parameters that nobody reads: nothing, a line in the log, or a 422."""
    strict_content_type: bool
    """False: a body that comes without a Content-Type is read as JSON."""
    generate_unique_id_function: Callable[[Any], str]
    """What an operation is called in the document, made from its route."""
    errors: ProblemFormat | None
    """How errors are told, in answers and document, in place of the way further out."""
    validate_responses: Literal["strict", "warn", "off"] | float
    """Whether instances of the declared type are checked again before they leave: "strict" answers 500 where one breaks
    a rule, "warn" tells the log, a share of them (0.01) does so for one in a hundred. "off" unless said."""
    openapi_extra: Mapping[str, Any] | None
    """Members of the document's operation object, laid over what the plan says."""
    callbacks: Sequence[Any] | None
    """Requests that the operation sends back: the `routes` of a router with such paths as `{$callback_url}/paid`."""


Described = Mapping[str, Any]
# Three in place of one, as no checker takes a `dict[int, ...]` for a mapping from `int | str`.
MoreResponses = Mapping[int, Described] | Mapping[str, Described] | Mapping[int | str, Described]


class OperationOptions(TypedDict, total=False):
    """What each route says of itself, one for WebSockets too."""

    name: str
    """The route's name for `url_for`; the function's name otherwise."""
    dependencies: Sequence[Dependency]
    """Dependencies whose results nobody takes: `[Depends(check)]`. They run before the parameters' own."""
    tags: Sequence[str]
    summary: str
    """One line for the document; the function's name in words otherwise."""
    description: str
    """For the document; the function's docstring otherwise."""
    deprecated: bool
    operation_id: str
    include_in_schema: bool


class WebSocketOptions(OperationOptions, total=False):
    """Arguments that `websocket` takes: it gives no answer that anything could be said of."""

    unknown_query_params: Literal["ignore", "log", "forbid"]
    """What becomes of query parameters that nobody reads."""
    errors: ProblemFormat | None


class RouteOptions(CommonOptions, OperationOptions, total=False):
    """Arguments that each verb takes."""

    status_code: int
    """The status of a plain result; 200, or 204 where the annotation is `None`."""
    response_model: Any
    """The type that results are checked and filtered by, in place of the return annotation. None: do neither."""
    response_class: type[Any]
    """The `Response` that results become."""
    response_description: str
    """What the result is, for the document."""
    responses: MoreResponses
    """More answers for the document: `{404: {"model": Missing, "description": "..."}}`."""
    response_model_include: Any
    response_model_exclude: Any
    response_model_by_alias: bool
    response_model_exclude_unset: bool
    response_model_exclude_defaults: bool
    response_model_exclude_none: bool


class RouterOptions(CommonOptions, total=False):
    """Arguments that an application, a router and an `include_router` take for all routes in them."""

    prefix: str
    """What stands before each path; it may have parameters."""
    tags: Sequence[str] | None
    dependencies: Sequence[Dependency] | None
    responses: MoreResponses | None
    default_response_class: type[Any] | None
    """`response_class` of the routes that say none."""
    deprecated: bool | None
    include_in_schema: bool

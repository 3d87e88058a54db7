"""Return kinds, and the reply of an endpoint: the kind, the status and all responses that are documented."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.adapters.envelope import Envelope
from signette.declarative.adapters.response_validation import ResponseValidation
from signette.declarative.formats.base import Format
from signette.declarative.formats.negotiation import Negotiation
from signette.declarative.signature.pages import Paging


@dataclass(frozen=True, slots=True)
class DeclaredResult:
    """What an endpoint and its route declare about the result."""

    annotation: Any
    response_class: Any = None
    tagged: tuple[Any, ...] = ()
    """The types among its members that are `Tagged`."""
    are_all_tagged: bool = False
    """All members that are values are."""


@dataclass(frozen=True, slots=True)
class ReturnKind:
    """How the results of some annotations become responses. One row of the table.

    `renders` and `makes` are called once, when the binder is compiled. What `renders` returns makes a result into
    bytes, which are sent without a `Response` object; what `makes` returns makes a result into a `Response`.
    """

    name: str
    """The kind in `explain` and in the JSON of a plan."""
    accepts: "Callable[[DeclaredResult], bool]"
    """Whether results of this declaration are of this kind. The first row of the table that accepts it is used."""
    media_type: str | None = None
    renders: "Callable[[Reply], Callable[[Any], bytes]] | None" = None
    makes: "Callable[[Reply], Callable[[Any], Any]] | None" = None
    raises_not_rendered: bool = False
    """The renderer raises `NotRendered` if the result is a `Response` or an exception."""
    rendered_types: tuple[type, ...] = ()
    """Of a kind that renders and makes: the exact types of results that are rendered. All others use `makes`."""
    status: int = 200
    """The status if the route declares none."""
    conditional_responses: "Callable[[ResponseSpec], tuple[ResponseSpec, ...]] | None" = None
    """Further responses to a GET, which depend on headers of the request. Called with the response of the result."""

    def __post_init__(self) -> None:
        if self.renders is None and self.makes is None:
            raise TypeError(f"the return kind `{self.name}` needs `renders` or `makes`")

    def __repr__(self) -> str:
        return f"<returns {self.name}>"

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return hash(self.name)


@dataclass(frozen=True, slots=True)
class ResponseSpec:
    """One response of an endpoint, as the OpenAPI document lists it under its status."""

    status: int
    kind: ReturnKind | None
    annotation: Any = None
    description: str = ""
    problem: Any = None


@dataclass(frozen=True, slots=True)
class Reply:
    """How the result of an endpoint is sent."""

    kind: ReturnKind
    annotation: Any
    status: int = 200
    response_class: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    responses: tuple[ResponseSpec, ...] = ()
    problems: tuple[Any, ...] = ()
    returned_problems: tuple[Any, ...] = ()
    """Those of the problems that the result may be. Others are raised."""
    validation: ResponseValidation | None = None
    merges: bool = False
    """A callable takes the injected `Response`: its status, headers and cookies are merged into the response."""
    background: bool = False
    """A callable takes the injected `BackgroundTasks`."""
    tagged_statuses: tuple[int, ...] = ()
    """The statuses of results that are `Tagged`."""
    are_all_tagged: bool = False
    """All results that are values are `Tagged`."""
    resumes: bool = False
    """It is a stream of events with the ids of a channel's messages, which starts after `Last-Event-ID`."""
    paging: Paging | None = None
    """How the operation pages. None: it does not."""
    negotiation: Negotiation | None = None
    """The formats of `renders=`, from which the request chooses one."""
    envelope: Envelope | None = None
    """The envelope around values in JSON."""
    not_applied: tuple[str, ...] = ()
    """Options of routers and applications that do not apply, each with the reason."""

    @property
    def is_rendered(self) -> bool:
        """The result is rendered to bytes, which are sent without a `Response` object."""
        needs_response = self.merges or self.background or self.tagged_statuses or self.is_chosen_at_request
        return self.kind.renders is not None and not needs_response

    @property
    def formats(self) -> tuple[Format, ...]:
        """The formats of `renders=`; empty without the option."""
        return () if self.negotiation is None else self.negotiation.formats

    @property
    def is_chosen_at_request(self) -> bool:
        """The format depends on the request, or what is around the value may depend on it."""
        return self.negotiation is not None or self.envelope is not None

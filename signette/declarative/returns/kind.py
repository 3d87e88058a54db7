"""What a return kind is: a row of the table, and the responses that it leads to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from signette.declarative.adapters.response_validation import ResponseValidation


@dataclass(frozen=True, slots=True)
class ReturnKind:
    """A row: what results of some annotations become.

    What a kind `renders` is sent in two messages without a `Response` object; what it `makes` is a `Response`. Either
    is called once, with the annotation and the reply, when the binder is made.
    """

    word: str
    """The word in `explain`."""
    takes: "Callable[[Any, Reply], bool]"
    media_type: str | None = None
    renders: "Callable[[Any, Reply], Callable[[Any], bytes]] | None" = None
    makes: "Callable[[Any, Reply], Callable[[Any], Any]] | None" = None
    knows_special: bool = False
    """Its renderers raise `NotRendered` by themselves where the result is a `Response` or an exception."""
    rendered_types: tuple[type, ...] = ()
    """Where a kind has both: results of exactly these types are rendered, all others are made into a `Response`."""
    status: int = 200
    """What it answers where the endpoint says nothing."""
    also: "Callable[[Any, Reply], tuple[Answer, ...]] | None" = None
    """What else a result may become when it is asked for by GET, by headers of the request."""

    def __repr__(self) -> str:
        return f"<returns {self.word}>"

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return hash(self.word)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that an endpoint can give: what the document lists under a status."""

    status: int
    kind: ReturnKind | None
    annotation: Any = None
    description: str = ""
    problem: Any = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What becomes of the endpoint's result."""

    kind: ReturnKind
    annotation: Any
    status: int = 200
    response_class: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    problems: tuple[Any, ...] = ()
    watch: ResponseValidation | None = None
    merges: bool = False
    """Some callable took the injected `Response`: its headers, cookies and status go into the answer."""
    background: bool = False
    """Some callable took the injected `BackgroundTasks`."""

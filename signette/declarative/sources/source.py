"""What a source is: facts that the planner reads, and methods that the binder calls.

A source of an application's own is a subclass of `Source`. The built-in sources are `Row`s (`sources/row.py`), which
answer the same questions and are printed into the binder instead of being called.
"""

# ruff: noqa: ARG002 - the methods of the base take what those of subclasses need
import inspect
from collections.abc import Iterable
from enum import Enum
from typing import Any, Literal

from signette._overrides import overrides
from signette.declarative.signature.markers import Marker
from signette.declarative.signature.model import Parameter

Checks = Literal["python", "json", "never"]


class Phase(Enum):
    """When a source may be read."""

    HEAD = "head"
    BODY = "body"


class Source:
    """Where values come from. Subclass it to read them from a place that signette does not know.

    Set `place` and `marker`, write `open` and `get`, and give an instance to `App(sources=[...])`. Two sources are the
    same if they are of one class and have equal attributes. A method that a class does not override costs nothing at a
    request.
    """

    place: str = ""
    """What an error's `in` and `explain` call it. `query`, `header` and `cookie` are in the OpenAPI document, too."""
    marker: type[Marker] | None = None
    """The marker that names it: `Annotated[str, Tenant()]`."""
    phase: Phase = Phase.HEAD
    """`Phase.BODY` if it reads the body: guards are called before, and no other parameter may read the body."""
    after: "tuple[Source, ...]" = ()
    """Sources that it is built on. They are opened first, and `open` is given what they opened."""
    checks: Checks = "python"
    """How values are validated: as Python values, as JSON text, or never."""
    error_statuses: tuple[int, ...] = ()
    """Statuses of the errors that `open` raises, for the OpenAPI document."""
    folds_case: bool = False
    """Keys that differ in case alone are the same."""

    # -- which parameters it reads -------------------------------------------------------------------------------------

    def claims(self, parameter: Parameter, /) -> bool:
        """Whether it reads a parameter that has no marker. Asked before the built-in sources."""
        return False

    def accepts(self, parameter: Parameter, /) -> bool:
        """Whether it reads a parameter that has its marker, where several sources share one."""
        return True

    def wire_name(self, name: str, marker: Marker | None, /) -> str:
        """The key of a parameter, or of a field, that has no alias."""
        return name

    # -- at a request, on the event loop -------------------------------------------------------------------------------

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """`open(self, scope)`: what `get` looks into, made once a request before the first value is read.

        It may be `async`. With `after` it takes more arguments: what each source there has opened, in their order.
        """
        return args[0]

    def get(self, opened: Any, key: str, /) -> Any:
        """The value of a key, or `MISSING`."""
        raise NotImplementedError

    def getlist(self, opened: Any, key: str, /) -> Any:
        """The list of all values of a key, or `MISSING`. Without this method, lists cannot be read."""
        raise NotImplementedError

    def names(self, opened: Any, /) -> Iterable[str]:
        """All keys that were sent. Models that forbid or keep unknown fields need it."""
        raise NotImplementedError

    def is_empty(self, value: Any, /) -> bool:
        """Whether a value counts as not sent, as the empty text of a form field does."""
        return False

    def close(self, opened: Any, /) -> Any:
        """Called when the request ends, however it ends, if `open` has returned. It may be `async`."""

    # -- what the planner reads ----------------------------------------------------------------------------------------

    def overrides(self, name: str) -> bool:
        """Whether a class of its own defines this method."""
        return overrides(self, Source, name)

    @property
    def opener(self) -> "Source":
        """The source that opens for this one."""
        return self

    @property
    def opens(self) -> bool:
        """Whether something is to be done before the first value is read."""
        return self.overrides("open")

    @property
    def opens_async(self) -> bool:
        """Whether `open` is awaited."""
        return inspect.iscoroutinefunction(self.open)

    @property
    def closes_async(self) -> bool:
        """Whether `close` is awaited."""
        return inspect.iscoroutinefunction(self.close)

    @property
    def has_lists(self) -> bool:
        """Whether a key may have several values."""
        return self.overrides("getlist")

    @property
    def has_names(self) -> bool:
        """Whether it can list the keys that were sent."""
        return self.overrides("names")

    @property
    def has_brackets(self) -> bool:
        """Whether values may stand under names with brackets: `address[zip]`."""
        return False

    @property
    def has_empty(self) -> bool:
        """Whether some values count as not sent."""
        return self.overrides("is_empty")

    @property
    def takes_first(self) -> bool:
        """Whether one value of several is the first of them, and not the last."""
        return False

    @property
    def is_total(self) -> bool:
        """Whether each key always has a value."""
        return False

    @property
    def gives_text(self) -> bool:
        """Whether each value is a `str`, so that a `str` needs no validation."""
        return False

    @property
    def gives_fields(self) -> bool:
        """Whether what it opened is a dictionary that a model can be validated from as it stands."""
        return False

    @property
    def statuses(self) -> frozenset[int]:
        """Statuses that opening it can end in, with all that it is built on."""
        own = self.opener
        return frozenset(own.error_statuses).union(*(each.statuses for each in own.after))

    @property
    def body_reader(self) -> "Source":
        """The source that takes the body from the client, of this one and those that it is built on."""
        opener = self.opener
        return next((each.body_reader for each in opener.after if each.phase is Phase.BODY), opener)

    def __repr__(self) -> str:
        return f"<source {self.place}>"

    # By value: a source that went through pickle is the same source.
    def __eq__(self, other: object) -> bool:
        return self is other or (type(self) is type(other) and vars(self) == vars(other))

    def __hash__(self) -> int:
        return hash(type(self))

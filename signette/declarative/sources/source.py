"""The base class of parameter sources: attributes that the planner reads, and methods that the binder calls.

Custom sources are subclasses of `Source`. The built-in sources are `Row`s (`sources/row.py`), which have the same
attributes, and are printed into the binder instead of being called.
"""

# ruff: noqa: ARG002 - methods of the base class have the parameters that subclasses need
import inspect
from collections.abc import Iterable
from enum import Enum
from typing import Any, Literal

from signette._overrides import overrides
from signette.declarative.signature.markers import Marker
from signette.declarative.signature.model import Parameter

Checks = Literal["python", "json", "never"]


class Phase(Enum):
    """When a source is read: before the body, or with the body."""

    HEAD = "head"
    BODY = "body"


class Source:
    """Base class of custom parameter sources.

    Set `place` and `marker`, define `open` and `get`, and pass an instance to `App(sources=[...])`. Two sources are
    equal if they have the same class and equal attributes. Methods that are not overridden are not called.
    """

    place: str = ""
    """The `in` of errors, and the name in `explain`. OpenAPI documents `query`, `header` and `cookie` only."""
    marker: type[Marker] | None = None
    """The marker of its parameters: `Annotated[str, Tenant()]`."""
    phase: Phase = Phase.HEAD
    """`Phase.BODY` if it reads the body: guards are called first, and no other parameter may read the body."""
    after: "tuple[Source, ...]" = ()
    """Sources to open first. The objects that they open are passed to `open`."""
    checks: Checks = "python"
    """How values are validated: as Python values, as JSON text, or never."""
    error_statuses: tuple[int, ...] = ()
    """Status codes of the errors that `open` raises, for the OpenAPI document."""
    folds_case: bool = False
    """Keys are case-insensitive."""

    # -- which parameters it reads -------------------------------------------------------------------------------------

    def claims(self, parameter: Parameter, /) -> bool:
        """Whether to read a parameter without a marker. Called before the built-in sources are tried."""
        return False

    def accepts(self, parameter: Parameter, /) -> bool:
        """Whether to read a parameter with its marker. For several sources with one marker."""
        return True

    def wire_name(self, name: str, marker: Marker | None, /) -> str:
        """The key of a parameter or a field without an alias."""
        return name

    # -- at a request, on the event loop -------------------------------------------------------------------------------

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """`open(self, scope)`: return the object that `get` reads from. Called once per request, before the first read.

        It may be `async`. With `after` it takes more arguments: the objects that those sources opened, in their order.
        """
        return args[0]

    def get(self, opened: Any, key: str, /) -> Any:
        """Return the value of a key, or `MISSING`."""
        raise NotImplementedError

    def getlist(self, opened: Any, key: str, /) -> Any:
        """Return the list of all values of a key, or `MISSING`. Parameters that are lists need this method."""
        raise NotImplementedError

    def names(self, opened: Any, /) -> Iterable[str]:
        """Return all keys that were sent. Models that forbid or keep unknown fields need this method."""
        raise NotImplementedError

    def is_empty(self, value: Any, /) -> bool:
        """Whether a value counts as missing, like the empty text of a form field."""
        return False

    def close(self, opened: Any, /) -> Any:
        """Release the object that `open` returned. Called when the request ends, also after an exception.

        It may be `async`.
        """

    # -- what the planner reads ----------------------------------------------------------------------------------------

    def overrides(self, name: str) -> bool:
        """Whether a subclass defines this method."""
        return overrides(self, Source, name)

    @property
    def opener(self) -> "Source":
        """The source whose `open` makes the object that this source reads."""
        return self

    @property
    def opens(self) -> bool:
        """Whether `open` must be called before the first read."""
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
        """Whether names may have brackets: `address[zip]`."""
        return False

    @property
    def has_empty(self) -> bool:
        """Whether some values count as missing."""
        return self.overrides("is_empty")

    @property
    def uses_first(self) -> bool:
        """Whether `get` returns the first of several values, and not the last."""
        return False

    @property
    def is_always_present(self) -> bool:
        """Whether every key has a value."""
        return False

    @property
    def returns_text(self) -> bool:
        """Whether every value is a `str`, so that a `str` parameter needs no validation."""
        return False

    @property
    def opens_mapping(self) -> bool:
        """Whether the opened object is a dictionary from which a model can be validated."""
        return False

    @property
    def statuses(self) -> frozenset[int]:
        """Status codes of errors, also of the sources in `after`."""
        own = self.opener
        return frozenset(own.error_statuses).union(*(each.statuses for each in own.after))

    @property
    def body_reader(self) -> "Source":
        """The source that reads the body: this one, or one of those in `after`."""
        opener = self.opener
        return next((each.body_reader for each in opener.after if each.phase is Phase.BODY), opener)

    def __repr__(self) -> str:
        return f"<source {self.place}>"

    # By value, so that a pickled source equals the original.
    def __eq__(self, other: object) -> bool:
        return self is other or (type(self) is type(other) and vars(self) == vars(other))

    def __hash__(self) -> int:
        return hash(type(self))

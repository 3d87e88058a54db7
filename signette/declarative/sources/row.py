"""A built-in source: facts, and templates that are printed into the binder as they stand.

Templates may use `scope`, `receive`, `send`, `values` (the path's raw texts) and `MISSING`, the names in `uses`, and
what their own `opens` and that of the sources in `after` assigned. In them `{key}` is the wire name as a literal,
`{raw}` a value, `{shape}` the name of the shape that names with brackets are read by.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from signette.declarative.signature.markers import Marker
from signette.declarative.signature.model import Parameter
from signette.declarative.sources.source import Checks, Phase, Source


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Row(Source):
    """One line of the table of sources. Rows are the same if their names are."""

    name: str
    place: str
    one: str
    """An expression: one raw value, or MISSING."""
    many: str | None = None
    """An expression: the list of all raw values, or MISSING. None: a list makes no sense here."""
    nested: str | None = None
    """An expression: the value of names with brackets, or MISSING."""
    container: str = ""
    """The name of what was opened: a dictionary from keys to values, where there are keys."""
    lists: str = ""
    """The name of a dictionary from keys to all their values, where the row opens one."""
    starts: str = ""
    """Statements at the head of the binder, so that `closes` finds its names whatever happens."""
    opening: str = ""
    """Statements, once a request, before the first read."""
    opening_lists: str | None = None
    """In place of `opening` where some read wants all the values of a name."""
    opening_request: str | None = None
    """In place of both where the plan has a `Request`, so that handler and binder share what was read."""
    closes: str = ""
    """Statements for the end of the request, however it ends."""
    decode: str | None = None
    """An expression that makes what was found into what the validator takes. None: it is that already."""
    decodes_lists: bool = False
    """`decode` takes a list as a whole, and not its items one by one."""
    empty: str | None = None
    """An expression: this value counts as none. Browsers send an empty text for each field left alone."""
    one_kept: str | None = None
    """In place of `one` where empty values count."""
    first: bool = False
    """`one` is the first value of a name, and not the last."""
    total: bool = False
    """There always is a value."""
    constant: bool = False
    """The planner knows the value: it is the read's default."""
    file_bytes: bool = False
    """`opening` uses `k_file_bytes` (files that have limits of their own) and `k_known_names` (all that are read)."""
    uses: Mapping[str, Any] = field(default_factory=dict)
    literal: Callable[[str], str] = repr
    """How a wire name is printed as `{key}`."""
    marker: type[Marker] | None = None
    takes: Callable[[Parameter], bool] | None = None
    """Claims an unmarked parameter; the first row of the table that claims one has it."""
    fits: Callable[[Parameter], bool] | None = None
    """Narrows what the marker claims, where several rows share one."""
    spelling: Callable[[str, Marker | None], str] | None = None
    """From a parameter's name to its name on the wire. None: they are the same."""
    phase: Phase = Phase.HEAD
    after: tuple[Source, ...] = ()
    opened_by: "Row | None" = None
    """The row that opens for this one: files come out of the form that the form's row has read."""
    checks: Checks = "python"
    error_statuses: tuple[int, ...] = ()
    folds_case: bool = False

    def claims(self, parameter: Parameter) -> bool:
        return self.takes is not None and self.takes(parameter)

    def accepts(self, parameter: Parameter) -> bool:
        return self.fits is None or self.fits(parameter)

    def wire_name(self, name: str, marker: Marker | None) -> str:
        return name if self.spelling is None else self.spelling(name, marker)

    @property
    def opener(self) -> "Row":
        return self.opened_by or self

    @property
    def opens(self) -> bool:
        return bool(self.opening)

    @property
    def has_lists(self) -> bool:
        return self.many is not None

    @property
    def has_names(self) -> bool:
        return bool(self.opener.container)

    @property
    def has_brackets(self) -> bool:
        return self.nested is not None

    @property
    def has_empty(self) -> bool:
        return self.empty is not None

    @property
    def takes_first(self) -> bool:
        return self.first

    @property
    def is_total(self) -> bool:
        return self.total

    @property
    def gives_text(self) -> bool:
        # A form's field may be a file, and a body is bytes.
        return self.phase is Phase.HEAD

    @property
    def gives_fields(self) -> bool:
        return self.decode is None and self.empty is None and bool(self.container)

    # By name: a row that went through pickle is the same row.
    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Row) and self.name == other.name)

    def __hash__(self) -> int:
        return hash(self.name)

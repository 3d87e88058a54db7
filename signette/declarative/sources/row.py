"""Built-in sources: facts, and templates of code that is printed into the binder.

Templates may use `scope`, `receive`, `send`, `values` (the texts of path parameters) and `MISSING`, the names in
`uses`, and the names that their own `opening` and those of the sources in `after` assign. `{key}` is replaced by the
wire name as a literal, `{raw}` by a value, `{shape}` by the name of the shape for names with brackets.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.signature.markers import Marker
from signette.declarative.signature.model import Parameter
from signette.declarative.sources.source import Checks, Phase, Source
from signette.limits import Limits


@dataclass(frozen=True, slots=True)
class QuickOpening:
    """Statements in place of `opening` after one pass over the headers, which has found the values of a few.

    They may use `pairs` (all headers) and `k_first_headers`, which makes a dictionary of them.
    """

    variables: Mapping[bytes, str]
    """The names of headers, and the variables that have their values, or MISSING."""
    statements: Callable[[Limits], str]
    """The statements for a binder with these limits."""
    uses: Mapping[str, Any]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Row(Source):
    """A row of the table of sources. Rows are equal if their names are."""

    name: str
    place: str
    one: str
    """An expression: one raw value, or MISSING."""
    many: str | None = None
    """An expression: the list of all raw values, or MISSING. None: a key has a single value."""
    nested: str | None = None
    """An expression: the value of names with brackets, or MISSING."""
    container: str = ""
    """The name of the opened object: a dictionary from keys to values, for a row with keys."""
    lists: str = ""
    """The name of a dictionary from keys to all their values."""
    starts: str = ""
    """Statements at the start of the binder, which assign the names that `closes` uses."""
    opening: str = ""
    """Statements that run once per request, before the first read."""
    opening_lists: str | None = None
    """Statements in place of `opening` if a parameter reads all values of a name."""
    opening_request: str | None = None
    """Statements in place of both if the plan has a `Request`, so that it shares the body with the binder."""
    quick: QuickOpening | None = None
    """What opens the source if a binder needs no dictionary of headers."""
    header_fields: str = "headers"
    """An expression: the headers by name, for the errors of a body."""
    closes: str = ""
    """Statements for the end of the request, also after an exception."""
    decode: str | None = None
    """An expression that converts a raw value for the validator. None: no conversion."""
    decodes_lists: bool = False
    """`decode` takes a whole list, and not its items one by one."""
    empty: str | None = None
    """An expression: the value counts as missing. Browsers send an empty text for each empty field."""
    one_or_empty: str | None = None
    """An expression in place of `one` if empty values do not count as missing."""
    first: bool = False
    """`one` is the first value of a name, and not the last."""
    always_present: bool = False
    """There always is a value."""
    constant: bool = False
    """The value is a constant of the plan: the default of the read."""
    has_files: bool = False
    """`opening` uses `k_file_rules` (rules of files by name) and `k_known_names` (names of all parameters)."""
    uses: Mapping[str, Any] = field(default_factory=dict)
    literal: Callable[[str], str] = repr
    """How a wire name is printed as `{key}`."""
    marker: type[Marker] | None = None
    claims_if: Callable[[Parameter], bool] | None = None
    """Whether the row claims an unmarked parameter. The first row of the table that claims it reads it."""
    accepts_if: Callable[[Parameter], bool] | None = None
    """Whether the row reads a parameter with its marker, for rows that share a marker."""
    wire_name_of: Callable[[str, Marker | None], str] | None = None
    """From the name of a parameter to its wire name. None: they are the same."""
    phase: Phase = Phase.HEAD
    after: tuple[Source, ...] = ()
    opened_by: "Row | None" = None
    """The row whose opened object this row reads: files are read from the form."""
    checks: Checks = "python"
    error_statuses: tuple[int, ...] = ()
    folds_case: bool = False

    def claims(self, parameter: Parameter) -> bool:
        return self.claims_if is not None and self.claims_if(parameter)

    def accepts(self, parameter: Parameter) -> bool:
        return self.accepts_if is None or self.accepts_if(parameter)

    def wire_name(self, name: str, marker: Marker | None) -> str:
        return name if self.wire_name_of is None else self.wire_name_of(name, marker)

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
    def uses_first(self) -> bool:
        return self.first

    @property
    def is_always_present(self) -> bool:
        return self.always_present

    @property
    def returns_text(self) -> bool:
        # A form field may be a file, and a body is bytes.
        return self.phase is Phase.HEAD

    @property
    def opens_mapping(self) -> bool:
        return self.decode is None and self.empty is None and bool(self.container)

    # By name, so that a pickled row equals the original.
    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Row) and self.name == other.name)

    def __hash__(self) -> int:
        return hash(self.name)

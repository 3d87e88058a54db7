"""The intermediate form: rows that say what a return kind is, and the steps that a plan is made of.

Data without behaviour. The planner writes steps, everything else reads them: the binder prints them as Python, the
interpreter of the tests walks them, the OpenAPI document, `explain` and the places in error messages look them up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from signette.declarative.returns.kind import Reply
from signette.declarative.signature.concurrency_limit import ConcurrencyLimit
from signette.declarative.signature.depends import Lifetime
from signette.declarative.signature.markers import MISSING, Marker
from signette.declarative.signature.model import Kind, SourceLocation
from signette.declarative.sources.source import Source


@dataclass(frozen=True, slots=True)
class Open:
    """Make a source ready to be read."""

    source: Source
    many: bool = False
    """Some read wants all the values of a name."""
    shared: bool = False
    """The plan has a `Request` that must see what was read."""
    file_bytes: tuple[tuple[str, int], ...] = ()
    """Names of files that have bounds of their own."""
    names: tuple[str, ...] | None = None
    """Of a form, all names that are read, as `names_of` gives them; other parts are not kept. None: any may be read."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a model that is spread over a source: its names on the wire, and its key in what is validated."""

    choices: tuple[tuple[str, str], ...]
    """(wire name, key in what is validated) pairs, first choice first. The key tells the check which one it was."""
    many: bool = False
    max_bytes: int | None = None
    """The bound of a file."""
    indexed: bool = False
    """A list whose items are fields of the model: pydantic takes each from its place."""
    shape: Any = None
    """How names with brackets become its value (`shapes.Shape`); None where there are none."""
    delimiter: str = ""
    """What stands between the items of a list in one text."""
    source: Source | None = None
    """Where it is read, if not as the model is: the files of a form."""
    name: str = ""
    """Its name in the model, where errors give it in place of the key."""
    schema_name: str = ""
    """Its name in the model's JSON Schema."""
    drops_empty: bool = False
    """A value counts as not sent if its source calls it empty."""

    @property
    def wire(self) -> tuple[str, ...]:
        return tuple(wire for wire, _ in self.choices)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for _, key in self.choices)

    @property
    def key(self) -> str:
        return self.choices[0][1]


@dataclass(frozen=True, slots=True)
class Read:
    """Take one parameter's value from a source, check it, or note why it will not do."""

    into: str
    source: Source
    name: str
    """The parameter's name in the signature."""
    keys: tuple[str, ...]
    """Its names on the wire, first choice first."""
    annotation: Any
    default: Any = MISSING
    default_factory: Callable[[], Any] | None = None
    many: bool = False
    marker: Marker | None = None
    position: int | None = None
    """Which piece of the path it is."""
    shape: Any = None
    """How names with brackets become its value (`shapes.Shape`); None where there are none."""
    delimiter: str = ""
    """What stands between the items of a list in one text."""
    can_fail: bool = True
    """Some request's value is an error: missing, or not valid."""
    needs_check: bool = True
    """Some value that the source gives is not one of the annotated type as it stands."""
    keeps_empty: bool = True
    """No value counts as not sent."""
    drops_empty: bool = False
    """A value counts as not sent if its source calls it empty."""

    @property
    def required(self) -> bool:
        return self.default is MISSING and self.default_factory is None


@dataclass(frozen=True, slots=True)
class ReadModel:
    """Spread a model over a source: collect its fields' values, check them together, note what will not do."""

    into: str
    source: Source
    name: str
    annotation: Any
    fields: tuple[Field, ...]
    whole: bool = False
    """The source's own dictionary can be checked as it stands: single texts, extras ignored."""
    extras: bool = False
    """The model forbids or keeps what it does not know, or has code that runs before its fields are looked for."""
    decides_unknown: bool = False
    """The model forbids or keeps what it does not know."""
    owned: tuple[str, ...] = ()
    """Wire names that others own: they are no extras of this model."""
    union: bool = False
    """Several models may be meant, and pydantic names the one that it tried before the field."""
    optional: bool = False
    """It is `None`, or its default, where nothing of it was sent; with neither, all of it is missing then."""
    default: Any = MISSING
    default_factory: Callable[[], Any] | None = None
    marker: Marker | None = None
    keeps_empty: bool = True
    """No value counts as not sent."""
    is_sent_empty: bool = False
    """Of an optional model: empty values are sent values, so it is not absent if some of them were sent."""

    @property
    def required(self) -> bool:
        return self.default is MISSING and self.default_factory is None

    @property
    def known(self) -> frozenset[str]:
        """Names that are no extras: those of its fields, also as keys of the dictionary, and those of other reads."""
        names = (*names_of(self), *self.owned, *(key for field in self.fields for key in field.keys))
        return frozenset(map(str.lower, names) if self.source.folds_case else names)


def reads_parts(read: Read | ReadModel) -> bool:
    """Whether names with brackets are read."""
    return any(each.shape is not None for each in ((read,) if isinstance(read, Read) else read.fields))


def names_of(read: Read | ReadModel) -> tuple[str, ...]:
    """All names by which a read may find values; one that ends in `[` stands for all that begin so."""
    if isinstance(read, Read):
        return (*read.keys, *(f"{key}[" for key in read.keys if read.shape is not None))
    wires = tuple(wire for field in read.fields for wire in field.wire)
    return (*wires, *(f"{wire}[" for field in read.fields if field.shape is not None for wire in field.wire))


@dataclass(frozen=True, slots=True)
class Split:
    """Hand the members of a keyed body, checked as one, to the parameters they belong to."""

    source: str
    parts: tuple[tuple[str, str], ...]
    """(variable, attribute) pairs."""


@dataclass(frozen=True, slots=True)
class CheckUnknown:
    """Look for names that no read knows: note each of them, or log them."""

    source: Source
    known: tuple[str, ...]
    """Names that are read; one that ends in `[` stands for all that begin so."""
    refuses: bool = False


@dataclass(frozen=True, slots=True)
class RaiseErrors:
    """Raise what the reads before this have noted, if anything."""

    body: bool = False
    """The bytes of a JSON body are known by now; a handler may want them."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call: the parameter's name and the variable that holds its value."""

    name: str
    value: str
    keyword_only: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """Call a dependency or the endpoint itself."""

    into: str
    target: Callable[..., Any]
    where: SourceLocation
    kind: Kind
    arguments: tuple[Argument, ...] = ()
    lifetime: Lifetime = "request"
    guard: bool = False
    endpoint: bool = False
    concurrency_limit: ConcurrencyLimit | None = None
    """How many requests may be in it at once."""
    made_by_others: bool = False
    """It lives as long as the application, and only others that do take it: they make it where they are made."""
    only_if_valid: tuple[str, ...] = ()
    """Variables that must hold valid values, or else it is not called: what is wrong with them is reported later."""

    construction: Any = None
    """Of a class that validates its arguments: where they were read (`Construction`)."""
    held: bool = False
    """The request holds something that other requests may wait for: an open sync generator, or a place under a
    concurrency limit. A thread is reserved for the call, so that it cannot wait for these requests."""
    stays_open: bool = False
    """It is a generator, which is closed at the end of its lifetime."""


Step = Open | Read | ReadModel | Split | CheckUnknown | RaiseErrors | Call


@dataclass(frozen=True, slots=True)
class Plan:
    """A signature, read once. Straight-line steps and a reply; complete, so that no reader looks at the function."""

    methods: tuple[str, ...]
    path: str
    where: SourceLocation
    steps: tuple[Step, ...]
    reply: Reply
    security: tuple[tuple[Any, tuple[str, ...]], ...] = ()
    """Schemes with the scopes that are asked of them, for the document."""
    docstring: str = ""
    socket: bool = False

    @property
    def reads(self) -> tuple[Read | ReadModel, ...]:
        return tuple(step for step in self.steps if isinstance(step, Read | ReadModel))

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(step for step in self.steps if isinstance(step, Call))

    @property
    def open_lifetimes(self) -> frozenset[Lifetime]:
        """The lifetimes at whose ends generators are closed."""
        return frozenset(call.lifetime for call in self.calls if call.stays_open)

    @property
    def notes_errors(self) -> bool:
        """Whether some value may be invalid."""
        validates = any(call.construction is not None for call in self.calls)
        return validates or any(isinstance(step, RaiseErrors) for step in self.steps)

    @property
    def awaited_reads(self) -> frozenset[str]:
        """Variables whose values must be valid for a call, and are not reported before it."""
        return frozenset(variable for call in self.calls for variable in call.only_if_valid)

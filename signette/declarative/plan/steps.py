"""Plans and their steps: frozen data, made by the planner and read by everything else.

Theory of operation. The signature of an endpoint, and those of its dependencies, become a list of steps that run from
top to bottom, without branches:

    Open         make a source ready: parse the query string, read the body
    Read         take one value from a source, validate it, or note why it is invalid
    ReadModel    the same for a model whose fields are values of the source
    CheckUnknown note or log names that no read knows
    Negotiate    choose the format of the response, or end the request with a 406
    RaiseErrors  if errors were noted, end the request with all of them
    Split        take the members of a JSON body apart, one for each parameter
    Call         call a dependency, or the endpoint

A step names the variables that it writes (`into`) and reads. `reply` says what becomes of the result. The binder prints
the steps as Python, `explain` as text, the OpenAPI document takes its parameters, bodies and responses from them, and
the tests have an interpreter that runs them one by one. All decisions are in the steps. If a reader needs to look at a
function again, a step lacks a field.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.channels.spec import ChannelSpec
from signette.declarative.formats.base import Format
from signette.declarative.formats.negotiation import Negotiation
from signette.declarative.policies.entries import AppliedPolicy
from signette.declarative.returns.kind import Reply
from signette.declarative.signature.concurrency_limit import ConcurrencyLimit
from signette.declarative.signature.depends import Lifetime
from signette.declarative.signature.executors import Executor
from signette.declarative.signature.markers import MISSING, Marker
from signette.declarative.signature.model import Kind, SourceLocation
from signette.declarative.signature.tool import Tool
from signette.declarative.sockets.spec import SocketSpec
from signette.declarative.sources.source import Source
from signette.declarative.streams.spec import StreamSpec
from signette.forms.rules import FileRule, sends_on
from signette.types import Scope


@dataclass(frozen=True, slots=True)
class Open:
    """Make a source ready for reads."""

    source: Source
    many: bool = False
    """Some read needs all values of a name."""
    shared: bool = False
    """The endpoint or a dependency has the `Request`, which must not read the body a second time."""
    file_rules: tuple[tuple[str, FileRule], ...] = ()
    """Names of files with their own rules."""
    names: tuple[str, ...] | None = None
    """The names of a form that are read, as `names_of` returns them. Other parts are dropped. None: any may be read."""

    @property
    def sends_on(self) -> bool:
        """Whether files go to sinks while they arrive, and are removed from them if the request fails."""
        return sends_on(dict(self.file_rules))


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a model that is read from a source: its names there, and its key in the validated dictionary."""

    choices: tuple[tuple[str, str], ...]
    """Pairs of a name in the source and a key for the validator, the preferred one first. pydantic takes the first
    alias that it finds, so the key depends on the name that was sent."""
    many: bool = False
    file_rule: FileRule | None = None
    """The rule for its files."""
    indexed: bool = False
    """A list whose items are fields of the model (`AliasPath("name", 0)`)."""
    shape: Any = None
    """The structure of names with brackets (`shapes.Shape`), if it is read from such names."""
    delimiter: str = ""
    """The separator of a list that is sent as one text."""
    source: Source | None = None
    """Its own source, if it is not that of the model: files of a form."""
    name: str = ""
    """Its name in the model, if errors are located by it and not by the key."""
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
    """Take the value of one parameter from a source and validate it, or note the error."""

    into: str
    source: Source
    name: str
    """The parameter."""
    keys: tuple[str, ...]
    """Its names in the source, the preferred one first."""
    annotation: Any
    default: Any = MISSING
    default_factory: Callable[[], Any] | None = None
    many: bool = False
    marker: Marker | None = None
    position: int | None = None
    """The index of a path parameter in the template."""
    shape: Any = None
    """The structure of names with brackets (`shapes.Shape`), if it is read from such names."""
    delimiter: str = ""
    """The separator of a list that is sent as one text."""
    can_fail: bool = True
    """The value of some request is an error: missing, or invalid."""
    needs_check: bool = True
    """The value must be validated. False: each value of the source is of the annotated type already."""
    keeps_empty: bool = True
    """No value counts as not sent."""
    drops_empty: bool = False
    """A value counts as not sent if its source calls it empty."""
    provider: Callable[[Scope], Any] | None = None
    """Makes the value from the ASGI scope, if the application provides it."""
    channel: ChannelSpec | None = None
    """The channel that is injected."""
    decimal: bool = False
    """Numbers of JSON with a fraction or an exponent are decimals."""
    formats: tuple[Format, ...] = ()
    """The formats that the body may have, if it has a choice."""
    messages: SocketSpec | None = None
    """The messages of the typed WebSocket that is injected."""
    file_rule: FileRule | None = None
    """The rule for its files."""
    stream: StreamSpec | None = None
    """The stream of items that is read from the body."""

    @property
    def required(self) -> bool:
        return self.default is MISSING and self.default_factory is None


@dataclass(frozen=True, slots=True)
class ReadModel:
    """Collect the values of a model's fields from a source and validate them together, or note the errors."""

    into: str
    source: Source
    name: str
    annotation: Any
    fields: tuple[Field, ...]
    whole: bool = False
    """The dictionary of the source can be validated as it is: single texts, extras ignored."""
    extras: bool = False
    """The model sees extra keys: it forbids or keeps them, or has a validator that runs before its fields are read."""
    decides_unknown: bool = False
    """The model forbids or keeps extra keys."""
    owned: tuple[str, ...] = ()
    """Names that other parameters read. They are not extra keys of this model."""
    union: bool = False
    """A union of models. The locations of errors begin with the model that pydantic tried."""
    optional: bool = False
    """The value is `None`, or the default, if no field was sent."""
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
        """Names that are not extra keys: those of its fields, their keys, and those of other reads."""
        names = (*names_of(self), *self.owned, *(key for field in self.fields for key in field.keys))
        return frozenset(map(str.lower, names) if self.source.folds_case else names)


def reads_parts(read: Read | ReadModel) -> bool:
    """Whether it reads names with brackets."""
    return any(each.shape is not None for each in ((read,) if isinstance(read, Read) else read.fields))


def names_of(read: Read | ReadModel) -> tuple[str, ...]:
    """All names that a read looks for. A name that ends in `[` means all names with this prefix."""
    if isinstance(read, Read):
        return (*read.keys, *(f"{key}[" for key in read.keys if read.shape is not None))
    wires = tuple(wire for field in read.fields for wire in field.wire)
    return (*wires, *(f"{wire}[" for field in read.fields if field.shape is not None for wire in field.wire))


@dataclass(frozen=True, slots=True)
class Split:
    """Assign the members of a validated JSON body to the variables of their parameters."""

    source: str
    parts: tuple[tuple[str, str], ...]
    """Pairs of a variable and an attribute."""


@dataclass(frozen=True, slots=True)
class CheckUnknown:
    """Find names that no read knows. Note each of them as an error, or log them."""

    source: Source
    known: tuple[str, ...]
    """Names that are read. A name that ends in `[` means all names with this prefix."""
    rejects: bool = False
    """They are errors."""


@dataclass(frozen=True, slots=True)
class RaiseErrors:
    """End the request if errors were noted."""

    body: bool = False
    """A JSON body has been read. Exception handlers receive it."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call: the parameter, and the variable that holds its value."""

    name: str
    value: str
    keyword_only: bool = False
    convert: Callable[[Any], Any] | None = None
    """Makes the argument from the value."""


@dataclass(frozen=True, slots=True)
class Call:
    """Call a dependency or the endpoint."""

    into: str
    target: Callable[..., Any]
    where: SourceLocation
    kind: Kind
    arguments: tuple[Argument, ...] = ()
    lifetime: Lifetime = "request"
    guard: bool = False
    """It runs before the values of other parameters are read."""
    ends_request: bool = False
    """It is the guard of a policy: unless its result is None, that is the response, and nothing else is called."""
    endpoint: bool = False
    concurrency_limit: ConcurrencyLimit | None = None
    only_for_app: bool = False
    """Only dependencies of lifetime "app" take its result, so a request does not need it."""
    only_if_valid: tuple[str, ...] = ()
    """It is called only if the values of these variables are valid. Their errors are raised later."""

    construction: Any = None
    """Of a class that validates its arguments: where they were read (`Construction`)."""
    held: bool = False
    """The request holds something that other requests may wait for: an open sync generator, or a place under a
    concurrency limit. A thread is reserved for the call, so that it cannot wait for these requests."""
    stays_open: bool = False
    """It is a generator, which is closed at the end of its lifetime."""
    executor: Executor | None = None
    """The threads or processes that it runs in, if not in those of the application."""
    executor_not_applied: str = ""
    """Of an endpoint: why the executor of an application or a router is not applied."""
    group: int = 0
    """The calls of a group follow each other, and run at the same time. 0: it runs alone."""
    thread: int = 0
    """The calls of a thread follow each other, and run one after the other in one worker thread. 0: it has its own, if
    it needs one."""
    session: str = ""
    """The variable of the typed WebSocket that is open during the call of the endpoint."""


@dataclass(frozen=True, slots=True)
class Negotiate:
    """Choose the format that the request accepts, or end the request with a 406."""

    negotiation: Negotiation


Step = Open | Read | ReadModel | Split | CheckUnknown | Negotiate | RaiseErrors | Call


# PERF: `isinstance` with a tuple takes a quarter of the time of one with `Read | ReadModel`.
READ_STEPS = (Read, ReadModel)


@dataclass(frozen=True)
class Plan:
    """All that signette knows of an endpoint: the steps of a request, and the reply."""

    methods: tuple[str, ...]
    path: str
    where: SourceLocation
    steps: tuple[Step, ...]
    reply: Reply
    security: tuple[tuple[Any, tuple[str, ...]], ...] = ()
    """Security schemes with the scopes that the operation requires, for the OpenAPI document."""
    docstring: str = ""
    socket: bool = False
    policies: tuple[AppliedPolicy, ...] = ()
    """The policies, the outermost first; also those that are not applied, with the reason."""
    request_encodings: tuple[str, ...] = ()
    """The encodings of request bodies that are decoded."""
    tool: Tool | None = None
    """The tool that agents call. None: it is not one."""
    unused_options: tuple[tuple[str, str], ...] = ()
    """Options that have no effect if an application or a router sets them, each with the reason."""

    @cached_property
    def reads(self) -> tuple[Read | ReadModel, ...]:
        return tuple(step for step in self.steps if isinstance(step, READ_STEPS))

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        return tuple(step for step in self.steps if isinstance(step, Call))

    @property
    def batches(self) -> tuple[tuple[Step, ...], ...]:
        """The steps in order: the calls of a group, those of a thread, or a step alone."""
        numbers = (
            (step.group, step.thread, 0) if isinstance(step, Call) and (step.group or step.thread) else (0, 0, at)
            for at, step in enumerate(self.steps)
        )
        pairs = groupby(zip(numbers, self.steps, strict=True), key=lambda pair: pair[0])
        return tuple(tuple(step for _, step in batch) for _, batch in pairs)

    @property
    def open_lifetimes(self) -> frozenset[Lifetime]:
        """The lifetimes at whose ends generators are closed."""
        return frozenset(call.lifetime for call in self.calls if call.stays_open)

    @property
    def first_of_function(self) -> Call | None:
        """The first call of a generator that is closed when the endpoint has returned."""
        return next((call for call in self.calls if call.stays_open and call.lifetime == "function"), None)

    @property
    def closes_in_order(self) -> bool:
        """Whether generators are closed in the opposite order of their calls."""
        return close_in_order([call.lifetime for call in self.calls if call.stays_open])

    @property
    def notes_errors(self) -> bool:
        """Whether some value may be invalid."""
        validates = any(call.construction is not None for call in self.calls)
        return validates or any(isinstance(step, RaiseErrors) for step in self.steps)

    @property
    def sends_files_on(self) -> bool:
        """Whether files go to sinks while they arrive."""
        return any(isinstance(step, Open) and step.sends_on for step in self.steps)

    @property
    def awaited_reads(self) -> frozenset[str]:
        """Variables whose values must be valid for a call, and are not reported before it."""
        return frozenset(variable for call in self.calls for variable in call.only_if_valid)


def close_in_order(opened: Sequence[Lifetime]) -> bool:
    """Whether generators that are entered in this order are closed in the opposite one."""
    return "request" not in opened[opened.index("function") :] if "function" in opened else True

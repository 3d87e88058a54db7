"""Which step runs when.

The rules, in this order:
1. Guards go first, each by itself: its values are read, and if they are valid it is called. So a 401 costs no upload,
   and a client that is not let in learns nothing of what else is wrong with its request. A guard is what `Security` or
   a scheme makes one, and each entry of `dependencies=` that reads no body. A guard whose values are not valid is not
   called: it is refused with the last `Security`, or, where there is none, with all else that is not valid.
2. Then all other values are read, dependencies' before the endpoint's, sources in the order path, query, header,
   cookie, body; all that will not do is told at once.
3. Then dependencies are called, each after those it asks for, and the endpoint last.

A source is opened once, right before its first read, after the sources that it is made from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from signette.declarative.adapters.validators import accepts_any_text
from signette.declarative.plan.steps import Call, Open, RaiseErrors, Read, ReadModel, Split, Step, names_of, reads_parts
from signette.declarative.security.requirements import SecurityRequirement
from signette.declarative.signature.markers import MISSING, File, Form
from signette.declarative.signature.model import Kind
from signette.declarative.sources.body import BODY
from signette.declarative.sources.injected import REQUEST
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Phase, Source

GENERATORS = (Kind.SYNC_GENERATOR, Kind.ASYNC_GENERATOR)
PLACES = ("path", "query", "header", "cookie", "form", "body")


@dataclass(slots=True)
class Node:
    """A callable of the plan: its call, its own reads, and the nodes whose results it takes."""

    call: Call
    reads: list[Read | ReadModel] = field(default_factory=list)
    needs: "list[Node]" = field(default_factory=list)
    guard: bool = False
    entry: bool = False
    """An entry of `dependencies=`. Its result is dropped, so it is there to refuse, and goes before the values."""
    reads_scopes: bool = False
    """This callable, or one that it needs, takes the `SecurityScopes` of its chain."""
    demands: tuple[SecurityRequirement, ...] = ()
    """The security schemes that stand behind it, itself among them."""
    splits: list[Split] = field(default_factory=list)
    gives: Any = MISSING
    """What the callable's own annotation says of its result."""

    def closure(self) -> "list[Node]":
        """This node behind all that it needs, each once, in the order of calls."""
        found: list[Node] = []
        for need in self.needs:
            found += [node for node in need.closure() if node not in found]
        return [*found, self]

    @property
    def eats_body(self) -> bool:
        return any(read.source.phase is Phase.BODY for node in self.closure() for read in node.reads)

    @property
    def goes_first(self) -> bool:
        """Whether it is called before the values of all others are looked at."""
        return not self.eats_body and (self.guard or (self.entry and not self.keeps_turn))

    @property
    def keeps_turn(self) -> bool:
        """Whether it holds one of a limited number of places, which slow uploads would then keep from others."""
        calls = [node.call for node in self.closure()]
        return any(call.turns is not None and call.kind in GENERATORS for call in calls)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


def ordered(nodes: Sequence[Node]) -> tuple[Step, ...]:
    """The steps for these nodes, which stand in the order of calls, the endpoint last."""
    writer = _Writer(nodes)
    first = _closures(node for node in nodes if node.goes_first)
    strict = _closures(node for node in nodes if node.goes_first and node.guard)
    for node in first:
        is_alone = not writer.unsettled
        writer.read([node])
        if is_alone and node in strict and _all_need(node, strict[strict.index(node) + 1 :]):
            writer.refuse()  # nobody is left who could say 401
        writer.call([node])
        if strict and node is strict[-1] and any(read.into in writer.unsettled for one in strict for read in one.reads):
            writer.refuse()
    rest = [node for node in nodes if node not in first]
    writer.read(rest)
    writer.refuse()
    writer.split(rest)
    writer.call(rest)
    return _with_made_by_others(writer.steps)


def held_calls(steps: Iterable[Step]) -> frozenset[str]:
    """The variables of calls that are made while the request holds what others may wait for.

    That is a sync generator that is open, or a turn (`max_concurrency`).
    """
    found: set[str] = set()
    holds = False
    for step in steps:
        if isinstance(step, Call) and step.lifetime != "app":
            if holds or step.turns is not None:
                found.add(step.into)
            generator = step.kind in GENERATORS
            holds = holds or step.kind is Kind.SYNC_GENERATOR or (generator and step.turns is not None)
    return frozenset(found)


def _all_need(node: Node, others: Iterable[Node]) -> bool:
    return all(node in other.closure() for other in others)


def _closures(nodes: Iterable[Node]) -> list[Node]:
    """The nodes with all that they need, each once, in the order of calls."""
    return list(dict.fromkeys(each for node in nodes for each in node.closure()))


class _Writer:
    def __init__(self, nodes: Sequence[Node]) -> None:
        self.steps: list[Step] = []
        every = [read for node in nodes for read in node.reads]
        self.wants_many = {read.source.opener for read in every if _wants_many(read)}
        self.has_request = any(REQUEST in _built_on(read.source) for read in every)
        self.every = every
        self.file_bytes = tuple(bound for read in every for bound in _file_bounds(read))
        self.opened: set[Source] = set()
        self.done: set[str] = set()
        self.unsettled: dict[str, None] = {}
        """Values that may be invalid, of which nobody has been told."""

    def read(self, nodes: Iterable[Node]) -> None:
        """The reads of these nodes: connections and the head first, the body behind them."""
        reads = [read for node in nodes for read in _by_place(node.reads)]
        # Stable: within a phase the dependencies' values stay before the endpoint's.
        for read in sorted(reads, key=lambda read: (read.source.checks != "never" or read.source.phase is Phase.BODY)
                           + (read.source.phase is Phase.BODY)):  # fmt: skip
            if read.into in self.done:
                continue
            self.done.add(read.into)
            self.open(read.source)
            self.steps.append(with_facts(read))
            if can_refuse(read):
                self.unsettled[read.into] = None

    def refuse(self) -> None:
        """What is invalid so far is reported here."""
        if self.unsettled:
            self.steps.append(RaiseErrors(body=BODY in self.opened))
            self.unsettled.clear()

    def split(self, nodes: Iterable[Node]) -> None:
        """The members of a body, which is valid by now."""
        self.steps += dict.fromkeys(split for node in nodes for split in node.splits)

    def open(self, source: Source) -> None:
        opener = source.opener
        for before in opener.after:
            self.open(before)
        if opener in self.opened or not opener.opens:
            self.opened.add(opener)
            return
        self.opened.add(opener)
        shared = self.has_request and isinstance(opener, Row) and opener.opening_request is not None
        bounds = self.file_bytes if opener.phase is Phase.BODY else ()
        names = _names_read(opener, self.every) if _keeps_files(opener) and not shared else None
        self.steps.append(Open(opener, opener in self.wants_many, shared, bounds, names))

    def call(self, nodes: Iterable[Node]) -> None:
        """The calls of these nodes, each only if the values that it waits for are valid."""
        for node in nodes:
            reads = [read.into for each in node.closure() for read in each.reads]
            valid = tuple(dict.fromkeys(into for into in reads if into in self.unsettled))
            self.steps.append(replace(node.call, guard=node.goes_first, only_if_valid=valid))


def _with_made_by_others(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Mark what only others that live as long as the application take."""
    takers: dict[bool, set[str]] = {True: set(), False: set()}
    for step in steps:
        if isinstance(step, Call):
            takers[step.lifetime == "app"] |= {each.value for each in step.arguments}
    made = takers[True] - takers[False]
    return tuple(
        replace(step, made_by_others=True) if isinstance(step, Call) and step.into in made else step for step in steps
    )


def share_names(one: Source, other: Source) -> bool:
    """Whether a name of the one is a name of the other: they are opened as one, or read the same part of a request."""
    return one.opener == other.opener or one.place == other.place in ("query", "header", "cookie", "form")


def _built_on(source: Source) -> set[Source]:
    """A source's opener, and all that it is built on."""
    return {source.opener}.union(*(_built_on(each) for each in source.opener.after))


def _keeps_files(opener: Source) -> bool:
    return isinstance(opener, Row) and opener.file_bytes


def _names_read(opener: Source, reads: Iterable[Read | ReadModel]) -> tuple[str, ...] | None:
    """All names that are read from what a source opens; None where a read may look at any."""
    found: dict[str, None] = {}
    for read in reads:
        if opener not in _built_on(read.source):
            continue
        if read.source.opener != opener or (isinstance(read, ReadModel) and read.extras):
            return None
        found |= dict.fromkeys(names_of(read))
    return tuple(found)


def _wants_many(read: Read | ReadModel) -> bool:
    several = read.many if isinstance(read, Read) else (read.extras or any(field.many for field in read.fields))
    # The last value of a name, whatever it is, is found among all of them.
    cached = isinstance(read.source, Row) and read.source.one_kept is not None and _keeps_empty(read)
    return several or cached or reads_parts(read)


def _file_bounds(read: Read | ReadModel) -> list[tuple[str, int]]:
    if isinstance(read, ReadModel):
        return [(wire, each.max_bytes) for each in read.fields if each.max_bytes is not None for wire in each.wire]
    if not isinstance(read.marker, File) or read.marker.max_bytes is None:
        return []
    return [(key, read.marker.max_bytes) for key in read.keys]


def can_refuse(read: Read | ReadModel) -> bool:
    """Whether some request's value will not do."""
    return isinstance(read, ReadModel) or _checks_of(read)[1]


def with_facts(read: Read | ReadModel) -> Read | ReadModel:
    """The read with what the generator must know of it, decided here once."""
    keeps_empty = _keeps_empty(read)
    if isinstance(read, ReadModel):
        return replace(read, keeps_empty=keeps_empty)
    needs_check, can_fail = _checks_of(read)
    return replace(read, keeps_empty=keeps_empty, needs_check=needs_check, can_fail=can_fail)


def _keeps_empty(read: Read | ReadModel) -> bool:
    return not read.source.has_empty or (isinstance(read.marker, Form) and read.marker.allow_empty)


def _checks_of(read: Read) -> tuple[bool, bool]:
    """Whether a value that was sent needs a check, and whether the read can fail."""
    source = read.source
    is_text = source.checks == "python" and source.gives_text and accepts_any_text(read.annotation)
    needs_check = not (source.checks == "never" or is_text)
    return needs_check, needs_check or (read.required and not source.is_total)


def _by_place(reads: Iterable[Read | ReadModel]) -> list[Read | ReadModel]:
    def rank(read: Read | ReadModel) -> int:
        return PLACES.index(read.source.place) if read.source.place in PLACES else -1

    return sorted(reads, key=rank)

"""Which step runs when.

The rules, in this order:
1. What a guard reads is read first, and a guard is called before anything of the body is: a 401 costs no upload.
2. Then all other values are read, dependencies' before the endpoint's, sources in the order path, query, header,
   cookie, body; all that will not do is told at once.
3. Then dependencies are called, each after those it asks for, and the endpoint last.

A source is opened once, right before its first read, after the sources that it is made from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from signette.declarative.adapters.check import accepts_any_text
from signette.declarative.ir import Call, Gather, Open, Phase, Read, Refuse, Source, Split, Step, reads_parts
from signette.declarative.markers import MISSING, File
from signette.declarative.security.demands import Demand
from signette.declarative.sources.body import BODY

PLACES = ("path", "query", "header", "cookie", "form", "body")


@dataclass(slots=True)
class Node:
    """A callable of the plan: its call, its own reads, and the nodes whose results it takes."""

    call: Call
    reads: list[Read | Gather] = field(default_factory=list)
    needs: "list[Node]" = field(default_factory=list)
    guard: bool = False
    reads_scopes: bool = False
    """This callable, or one that it needs, takes the `SecurityScopes` of its chain."""
    demands: tuple[Demand, ...] = ()
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

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


def ordered(nodes: Sequence[Node]) -> tuple[Step, ...]:
    """The steps for these nodes, which stand in the order of calls, the endpoint last."""
    writer = _Writer(nodes)
    guarded: list[Node] = []
    for node in nodes:
        if node.guard and not node.eats_body:
            guarded += [each for each in node.closure() if each not in guarded]
    if guarded:
        writer.read(guarded)
        writer.call(guarded)
    rest = [node for node in nodes if node not in guarded]
    writer.read(rest)
    writer.call(rest)
    return tuple(writer.steps)


class _Writer:
    def __init__(self, nodes: Sequence[Node]) -> None:
        self.steps: list[Step] = []
        every = [read for node in nodes for read in node.reads]
        self.wants_many = {opener_of(read.source) for read in every if _wants_many(read)}
        self.has_request = any(read.source.place == "request" for read in every)
        self.file_bytes = tuple(bound for read in every for bound in _file_bounds(read))
        self.opened: set[Source] = set()
        self.done: set[str] = set()
        self.pending = False

    def read(self, nodes: Iterable[Node]) -> None:
        """The reads of these nodes: connections and the head first, the body behind them, then one refusal."""
        reads = [read for node in nodes for read in _by_place(node.reads)]
        # Stable: within a phase the dependencies' values stay before the endpoint's.
        for read in sorted(reads, key=lambda read: (read.source.checks != "never" or read.source.phase is Phase.BODY)
                           + (read.source.phase is Phase.BODY)):  # fmt: skip
            if read.into in self.done:
                continue
            self.done.add(read.into)
            self.open(read.source)
            self.steps.append(read)
            self.pending = self.pending or can_refuse(read)
        if self.pending:
            self.steps.append(Refuse(body=BODY in self.opened))
            self.pending = False
        self.steps += dict.fromkeys(split for node in nodes for split in node.splits if split not in self.steps)

    def open(self, source: Source) -> None:
        opener = opener_of(source)
        for before in opener.after:
            self.open(before)
        if opener in self.opened or not opener.opens:
            self.opened.add(opener)
            return
        self.opened.add(opener)
        shared = self.has_request and opener.opens_request is not None
        bounds = self.file_bytes if opener.phase is Phase.BODY else ()
        self.steps.append(Open(opener, opener in self.wants_many, shared, bounds))

    def call(self, nodes: Iterable[Node]) -> None:
        self.steps += [replace(node.call, guard=node.guard) for node in nodes]


def opener_of(source: Source) -> Source:
    """The row that makes this one ready to be read."""
    return source.opened_by or source


def _wants_many(read: Read | Gather) -> bool:
    several = read.many if isinstance(read, Read) else (read.extras or any(field.many for field in read.fields))
    return several or reads_parts(read)


def _file_bounds(read: Read | Gather) -> list[tuple[str, int]]:
    if isinstance(read, Gather):
        return [(wire, each.max_bytes) for each in read.fields if each.max_bytes is not None for wire in each.wire]
    if not isinstance(read.marker, File) or read.marker.max_bytes is None:
        return []
    return [(key, read.marker.max_bytes) for key in read.keys]


def can_refuse(read: Read | Gather) -> bool:
    """Whether some request's value will not do. An optional text cannot be wrong, and a piece of the path is there."""
    if read.source.checks == "never":
        return read.required and read.source.phase is Phase.BODY
    if isinstance(read, Gather) or read.source.checks == "json" or read.source.opened_by is not None:
        return True
    return (read.required and read.position is None) or not accepts_any_text(read.annotation)


def _by_place(reads: Iterable[Read | Gather]) -> list[Read | Gather]:
    def rank(read: Read | Gather) -> int:
        return PLACES.index(read.source.place) if read.source.place in PLACES else -1

    return sorted(reads, key=rank)

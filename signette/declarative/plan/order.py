"""Pass 3 of the planner: the steps, in the order in which they run.

Theory of operation. The rules, in this order:

1. Guards run first, one after the other: the values of a guard are read, and if they are valid it is called. So a 401
   costs no upload, and a client without access learns nothing of other errors in its request. Guards are security
   schemes, dependencies of `Security(...)`, and the entries of `dependencies=` that do not read the body. A guard
   whose values are invalid is not called. Its errors are raised after the last security guard, or, without one, with
   all others. Then the guards of policies run, in the order of the policies. They may end the request with a stored
   response, so before them all dependencies run that read a cookie, another credential or the whole request, and the
   errors so far are raised.
2. Then all other values are read: those of dependencies before those of the endpoint, sources in the order path, query,
   header, cookie, body. All errors are raised together; if files go to sinks, those before the body are raised first.
3. Then dependencies are called, each after those that it needs, and the endpoint last; concurrent ones in groups
   (`batches.py`). Generators that are closed at the end of the request come before those that are closed when the
   endpoint has returned.

A source is opened once, right before its first read, after the sources that it is built on (`openings.py`).
"""

from collections.abc import Iterable, Mapping, Sequence

from signette.declarative.plan.batches import batches_of, check_exits, stays_open
from signette.declarative.plan.graph import CallNode, DependencyGraph
from signette.declarative.plan.openings import Openings
from signette.declarative.plan.parameter_sources import CallReads
from signette.declarative.plan.steps import Call, RaiseErrors, Read, ReadModel, Step, close_in_order
from signette.declarative.policies.credentials import credentials_in
from signette.declarative.signature.model import GENERATORS, Kind
from signette.declarative.sources.body import BODY
from signette.declarative.sources.source import Phase

PLACES = ("path", "query", "header", "cookie", "form", "body")

Calls = Mapping[CallNode, CallReads]


def ordered(graph: DependencyGraph, calls: Calls) -> tuple[Step, ...]:
    """The steps that read the parameters and call the callables of a graph."""
    writer = _Writer(graph, calls)
    early = _with_needs(node for node in graph.nodes if node in writer.early and node not in graph.policy_guards)
    batches = batches_of(early, graph.concurrent)
    first = [node for batch in batches for node in batch]
    guarding = _with_needs(node for node in graph.nodes if node in writer.early and node in graph.guards)
    guards = [node for node in first if node in guarding]
    for batch in batches:
        if len(batch) > 1:
            writer.read(batch)
            writer.call(batch)
            if guards and guards[-1] in batch and any(writer.is_pending(guard) for guard in guards):
                writer.raise_errors()
            continue
        (node,) = batch
        nothing_pending = not writer.pending
        writer.read([node])
        later = guards[guards.index(node) + 1 :] if node in guards else ()
        if nothing_pending and node in guards and all(node in guard.needs for guard in later):
            writer.raise_errors()  # no other guard could still raise a 401
        writer.call([node])
        if guards and node is guards[-1] and any(writer.is_pending(guard) for guard in guards):
            writer.raise_errors()
    if graph.policy_guards:
        writer.raise_errors()
    for node in _with_needs(graph.policy_guards):
        if node not in first:
            first.append(node)
            writer.read([node])
            writer.call([node])
    rest = [node for node in graph.nodes if node not in first]
    writer.read(rest)
    writer.raise_errors()
    writer.split(rest)
    for batch in batches_of(_in_order_of_lifetimes(rest), graph.concurrent):
        writer.call(batch)
    check_exits(writer.steps, graph.endpoint.where)
    return tuple(writer.steps)


def _in_order_of_lifetimes(nodes: list[CallNode]) -> list[CallNode]:
    """The callables with generators of the request before those of the function.

    They are closed in the opposite order: a cancel scope around the `yield` must be left before an outer one.
    """
    opened = [node.lifetime for node in nodes if stays_open(node)]
    if close_in_order(opened):
        return nodes
    before = _with_needs(node for node in nodes if stays_open(node) and node.lifetime == "request")
    before = [node for node in before if node in nodes]
    return [*before, *(node for node in nodes if node not in before)]


def _called_early(graph: DependencyGraph, calls: Calls) -> frozenset[CallNode]:
    """The callables that are called before the values of all others are read."""
    # The application has made its own before a request comes.
    entries = {each.node for each in graph.entries if each.node.lifetime != "app"}
    if graph.policy_guards:
        # They may deny the client a response that a policy has stored.
        entries |= {node for node in graph.nodes if not node.is_endpoint and _reads_credentials(calls, node)}
    found = {
        node for node in graph.nodes if node in graph.guards or (node in entries and not _keeps_place(graph, node))
    }
    return frozenset(node for node in found if not _reads_body(calls, node))


def _reads_body(calls: Calls, node: CallNode) -> bool:
    return any(read.source.phase is Phase.BODY for each in node.closure for read in calls[each].reads)


def _reads_credentials(calls: Calls, node: CallNode) -> bool:
    reads = [read for each in node.closure for read in calls[each].reads]
    # The guard of a policy may set its value.
    takes_value = any(read.source.place == "policy" for read in reads)
    return node.lifetime != "app" and not takes_value and any(credentials_in(reads))


def _keeps_place(graph: DependencyGraph, node: CallNode) -> bool:
    """Whether it keeps a place under a concurrency limit, which others would wait for during a slow upload."""
    return any(each in graph.limits and each.kind in GENERATORS for each in node.closure)


def _with_needs(nodes: Iterable[CallNode]) -> list[CallNode]:
    """The callables and all that they need, each once, in call order."""
    return list(dict.fromkeys(each for node in nodes for each in node.closure))


class _Writer:
    """Writes steps, and remembers which errors have not been raised yet."""

    def __init__(self, graph: DependencyGraph, calls: Calls) -> None:
        self.steps: list[Step] = []
        self.early = _called_early(graph, calls)
        self.pending: dict[str, None] = {}
        """Variables whose values may be invalid: their errors are noted, and not raised yet."""
        self._graph = graph
        self._calls = calls
        self._openings = Openings([read for node in graph.nodes for read in calls[node].reads])
        self._done: set[str] = set()
        self._only_for_app = _taken_by_app_only(graph)
        self._holds = False
        self._groups = 0

    def is_pending(self, node: CallNode) -> bool:
        return any(read.into in self.pending for read in self._calls[node].reads)

    def read(self, nodes: Iterable[CallNode]) -> None:
        """Read the values of these callables: those without a check first, the body last."""
        reads = [read for node in nodes for read in sorted(self._calls[node].reads, key=_place_of)]
        # The sort is stable: the dependencies' values stay before the endpoint's.
        for read in sorted(reads, key=_phase_of):
            if read.into in self._done:
                continue
            self._done.add(read.into)
            opening = list(self._openings.steps_before(read.source))
            if any(step.sends_on for step in opening):
                self.raise_errors()  # a request that is invalid already stores no file
            self.steps += opening
            self.steps.append(read)
            if isinstance(read, ReadModel) or read.can_fail:
                self.pending[read.into] = None

    def raise_errors(self) -> None:
        """Raise the errors of all values so far."""
        if self.pending:
            self.steps.append(RaiseErrors(body=self._openings.is_open(BODY)))
            self.pending.clear()

    def split(self, nodes: Iterable[CallNode]) -> None:
        """Take the members of a body apart, which is valid by now."""
        splits = (self._calls[node].split for node in nodes)
        self.steps += dict.fromkeys(split for split in splits if split is not None)

    def call(self, nodes: Sequence[CallNode]) -> None:
        """Call these callables at the same time, each only if the values that it needs are valid."""
        before, opening = self._holds, {node for node in nodes if self._opens_what_others_need(node)}
        self._groups += len(nodes) > 1
        for node in nodes:
            self._holds = before or bool(opening - {node})
            self.steps.append(self._call(node, self._groups if len(nodes) > 1 else 0))
        self._holds = before or bool(opening)

    def _opens_what_others_need(self, node: CallNode) -> bool:
        """Whether the request holds something from this call on that other requests may wait for."""
        return stays_open(node) and (node in self._graph.limits or node.kind is Kind.SYNC_GENERATOR)

    def _call(self, node: CallNode, group: int) -> Call:
        reads = [read.into for each in node.closure for read in self._calls[each].reads]
        call, limit, is_app = self._calls[node], self._graph.limits.get(node), node.lifetime == "app"
        return Call(
            into=node.variable,
            target=call.target,
            where=node.where,
            kind=node.kind,
            arguments=call.arguments,
            lifetime=node.lifetime,
            guard=node in self.early,
            ends_request=node in self._graph.policy_guards,
            endpoint=node.is_endpoint,
            concurrency_limit=limit,
            only_for_app=node in self._only_for_app,
            only_if_valid=tuple(dict.fromkeys(into for into in reads if into in self.pending)),
            construction=call.construction,
            held=not is_app and (self._holds or limit is not None),
            stays_open=stays_open(node),
            group=group,
        )


def _taken_by_app_only(graph: DependencyGraph) -> set[CallNode]:
    """The callables that only callables of lifetime "app" take: these make them where they are made themselves."""
    takers: dict[bool, set[CallNode]] = {True: set(), False: set()}
    for node in graph.nodes:
        takers[node.lifetime == "app"] |= {each.node for each in node.inputs if each.node is not None}
    return takers[True] - takers[False]


def _place_of(read: Read | ReadModel) -> int:
    return PLACES.index(read.source.place) if read.source.place in PLACES else -1


def _phase_of(read: Read | ReadModel) -> int:
    is_body = read.source.phase is Phase.BODY
    return (read.source.checks != "never" or is_body) + is_body

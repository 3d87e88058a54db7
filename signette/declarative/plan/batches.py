"""Which calls run together: at the same time, or one after the other in one thread.

Theory of operation. Dependencies with `concurrent=True` that do not need each other's values run at the same time. The
callables are in an order in which they can be called one by one. A concurrent one is held back until a callable needs
it, or until the endpoint; all that are held back by then run together. So callables that are not concurrent, and that
need none of these, are called before them. Generators keep the order in which they must end: those of the request are
entered before those that end with the endpoint.

Sync functions that follow each other share a thread, because it takes longer to hand a call to a thread and back than
to run the rest of the request. Between them the event loop has nothing to do: no value is read or validated, no errors
are raised, no limit is waited for, no generator is entered.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from signette.declarative.errors import dependencies as errors
from signette.declarative.plan.graph import CallNode
from signette.declarative.plan.steps import Call, Step, close_in_order
from signette.declarative.signature.model import GENERATORS, Kind, SourceLocation

Batch = tuple[CallNode, ...]


def stays_open(node: CallNode) -> bool:
    """Whether it is a generator that a request keeps open."""
    return node.kind in GENERATORS and not node.is_endpoint and node.lifetime != "app"


def batches_of(nodes: Iterable[CallNode], concurrent: Collection[CallNode]) -> list[Batch]:
    """The callables in the order of their calls: those of one batch run together."""
    batches: list[Batch] = []
    waiting: list[CallNode] = []

    def run_waiting() -> None:
        if waiting:
            batches.append(tuple(sorted(waiting, key=_ends_with_function)))
            waiting.clear()

    for node in nodes:
        if node.is_endpoint or any(each in node.needs for each in waiting):
            run_waiting()
        # The class of an override may only collect its arguments.
        if node in concurrent and node.kind is not Kind.VALUE:
            waiting.append(node)
            continue
        if _ends_with_function(node) and any(stays_open(each) and not _ends_with_function(each) for each in waiting):
            run_waiting()
        batches.append((node,))
    run_waiting()
    return batches


def _ends_with_function(node: CallNode) -> bool:
    return stays_open(node) and node.lifetime == "function"


def check_exits(steps: Sequence[Step], where: SourceLocation) -> None:
    """Raises SignatureError for a generator in a group that cannot be closed in the reverse order."""
    opened = [step for step in steps if isinstance(step, Call) and step.stays_open]
    if close_in_order([each.lifetime for each in opened]):
        return
    for each in opened:
        if each.group and each.kind is Kind.ASYNC_GENERATOR:
            first = next(call for call in opened if call.lifetime == "function")
            names = (call.where.name.rsplit(".", 1)[-1] for call in (each, first))
            raise errors.concurrent_out_of_order(where, *names)


def with_threads(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The final steps. Calls that share a thread have its number."""
    made: list[Step] = []
    thread, run = 0, list[Call]()
    for step in steps:
        if isinstance(step, Call) and step.kind is Kind.SYNC and _can_share(step):
            run.append(step)
            if len(run) == 2:
                thread += 1
                made[-1] = replace(run[0], thread=thread)
            made.append(replace(step, thread=thread) if len(run) > 1 else step)
        else:
            run.clear()
            made.append(step)
    return tuple(made)


def _can_share(call: Call) -> bool:
    """Whether a sync call can be in one thread with others: it has no other threads, and nothing depends on its end."""
    is_elsewhere = call.executor is not None or call.lifetime == "app" or call.group
    return not (is_elsewhere or call.only_if_valid or call.ends_request or call.concurrency_limit is not None)

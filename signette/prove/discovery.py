"""The first pass: a successful request of each operation, which may need what others have made."""

from collections.abc import Sequence

from signette.prove.generation import Generated, Generator
from signette.prove.knowledge import Knowledge
from signette.prove.law import Exchange, ProvedOperation
from signette.prove.operations import is_served_by
from signette.prove.sandbox import Sandbox, Step

TRIES = 15
ROUNDS = 2
# Responses that are longer, or have no end, are no part of a setup, which is sent often.
LONGEST = 256 * 1024
# In this order operations are tried that have the same number of path parameters.
ORDER = ("POST", "PUT", "PATCH", "GET")


def discovered(sandbox: Sandbox, generator: Generator, operations: Sequence[ProvedOperation]) -> list[Step]:
    """One successful request of each operation for which one was found, in an order that works. Without `DELETE`."""
    sandbox.start()
    knowledge = Knowledge(tuple(operations))
    missing = [each for each in operations if each.method in ORDER]
    missing.sort(key=lambda each: (each.path.count("{"), ORDER.index(each.method)))
    steps: list[Step] = []
    for _ in range(ROUNDS):
        for operation in missing.copy():
            step = _successful(sandbox, generator, knowledge, operation)
            if step is not None and step.exchange is not None:
                missing.remove(operation)
                knowledge.learn(operation, step.exchange)
                if step.exchange.complete and len(step.exchange.body) <= LONGEST:
                    steps.append(step)
    return steps


def setup_of(operation: ProvedOperation, steps: Sequence[Step]) -> list[Step]:
    """The requests before those of an operation: all that change something, and for path parameters those that read."""
    reads = "{" in operation.path
    return [
        step for step in steps if step.operation.name != operation.name and (reads or step.operation.method != "GET")
    ]


def _successful(
    sandbox: Sandbox, generator: Generator, knowledge: Knowledge, operation: ProvedOperation
) -> Step | None:
    search = _Search(sandbox, operation)
    key = (operation.method, operation.path)
    candidates = knowledge.candidates(operation)
    generator.run(key, "examples", 1, candidates, search)
    if search.found is None:
        generator.run(key, "valid", TRIES, candidates, search)
    return search.found


class _Search:
    """Sends requests until one is successful, or one gets no response."""

    def __init__(self, sandbox: Sandbox, operation: ProvedOperation) -> None:
        self.found: Step | None = None
        self._is_over = False
        self._sandbox = sandbox
        self._operation = operation

    def __call__(self, generated: Generated) -> None:
        if self._is_over or not is_served_by(self._operation, generated.request):
            return
        step = Step(self._operation, generated.request, None, "other")
        exchange: Exchange = self._sandbox.send(step)
        if exchange.is_success:
            self.found = Step(self._operation, generated.request, exchange, "other")
        self._is_over = exchange.is_success or exchange.status in {None, 429}

"""The run: each operation gets generated requests, and its laws are checked with them.

Theory of operation. A first pass (`discovery`) looks for one successful request of each operation. Then, for each
operation, the application is started again, the successful requests of other operations are sent (the *setup*), and
their responses give the values that generated requests need: ids, mostly. So an operation is reached as a client would
reach it, and does not depend on which operation was proved before.

A violation is shown by as few and as small requests as possible: see `shrinking`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from signette.prove.boundaries import boundaries_of
from signette.prove.candidates import Candidates
from signette.prove.credentials import is_secured
from signette.prove.discovery import discovered, setup_of
from signette.prove.generation import Generated, Generator, Kind
from signette.prove.knowledge import Knowledge
from signette.prove.law import Exchange, Law, ProvedOperation, Violation
from signette.prove.laws_of_run import MakeLaw
from signette.prove.operations import Template, is_served_by
from signette.prove.report import Finding, OperationReport, Report
from signette.prove.sandbox import Sandbox, Step, Surroundings
from signette.prove.schemas import Schemas
from signette.prove.shrinking import Shown, Suspect, as_finding, shown
from signette.prove.translation import Translation

# After so many requests without a response an operation gets no more of them.
MOST_WAITS = 3
# How often an operation whose rate limit is exceeded starts again.
MOST_RESTARTS = 5
# How many violations of one law are reported for an operation.
MOST_FINDINGS = 5

KINDS: tuple[Kind, ...] = ("examples", "boundaries", "valid", "invalid")
Progress = Callable[[int, int, str], object]


@dataclass(frozen=True)
class Run:
    """What to prove, and how."""

    app: Any
    operations: tuple[ProvedOperation, ...]
    every_operation: tuple[ProvedOperation, ...]
    laws: Sequence[MakeLaw]
    surroundings: Surroundings
    seed: int
    max_examples: int
    app_name: str
    title: str


def run(settings: Run, progress: Progress) -> Report:
    """Prove all operations. `progress` is called with what is done, what there is to do, and the next operation."""
    coverage = _Coverage(settings.every_operation)
    generator = Generator(settings.operations[0].document, settings.seed)
    with Sandbox(settings.app, settings.surroundings, coverage.note) as sandbox:
        total = len(settings.operations) + 1
        progress(0, total, "looking for successful requests")
        steps = discovered(sandbox, generator, settings.every_operation)
        reports = []
        for done, operation in enumerate(settings.operations, 1):
            progress(done, total, operation.key)
            reports.append(_Proof(settings, sandbox, generator, operation, steps).run(coverage))
        progress(total, total, "")
    laws = {law.name: law.summary for law in (make() for make in settings.laws)}
    return Report(settings.title, settings.seed, settings.max_examples, tuple(reports), laws)


class _Coverage:
    """The statuses of each operation."""

    def __init__(self, operations: Sequence[ProvedOperation]) -> None:
        self._templates = [(each, Template(each.path)) for each in operations]
        self.statuses: dict[str, set[int]] = {each.name: set() for each in operations}

    def note(self, exchange: Exchange) -> None:
        """Note the status of an exchange for the operation that its request is of."""
        if exchange.status is None:
            return
        request = exchange.request
        for operation, template in self._templates:
            if operation.method != request.method or template.values(request.path) is None:
                continue
            if is_served_by(operation, request):
                self.statuses[operation.name].add(exchange.status)
                return


@dataclass
class _Proof:
    """The proof of one operation."""

    settings: Run
    sandbox: Sandbox
    generator: Generator
    operation: ProvedOperation
    steps: Sequence[Step]
    _laws: list[tuple[MakeLaw, Law]] = field(default_factory=list)
    _checked: dict[str, int] = field(default_factory=dict)
    _setup: list[Step] = field(default_factory=list)
    _history: list[Step] = field(default_factory=list)
    _suspects: dict[tuple[str, str], Suspect] = field(default_factory=dict)
    _translation: Translation = field(default_factory=Translation)
    _candidates: Candidates = field(default_factory=Candidates)
    _made_up: frozenset[str] = frozenset()
    _asked_without: bool = False
    _sent: int = 0
    _waits: int = 0
    _restarts: int = 0

    def run(self, coverage: _Coverage) -> OperationReport:
        operation = self.operation
        self._laws = [(make, law) for make in self.settings.laws if (law := make()).applies(operation)]
        self._start(learn=True)
        for make, law in self._laws:
            self._suspect(make, law, self.sandbox.prepare(law, operation), None, "valid")
        key = (operation.method, operation.path)
        for kind in KINDS:
            self.generator.run(key, kind, self._most(kind), self._candidates, partial(self._use, kind))
        statuses = coverage.statuses[operation.name]
        found = [self._found(suspect) for suspect in self._suspects.values()]
        reached = {_declared_key(operation, status) for status in statuses}
        return OperationReport(
            name=operation.name,
            method=operation.method,
            path=operation.path,
            requests=self._sent,
            laws=tuple(law.name for _, law in self._laws),
            reached=tuple(key for key in operation.responses if key in reached),
            never_reached=tuple(key for key in operation.responses if key not in reached),
            undeclared=tuple(sorted(each for each in statuses if operation.response_for(each) is None)),
            findings=tuple(found),
            note=self.generator.failures.get(key, ""),
        )

    def _most(self, kind: Kind) -> int:
        """How many requests of a kind are generated at most: of five random ones three are valid."""
        valid = max(1, self.settings.max_examples * 3 // 5)
        return {
            "examples": 1,
            "boundaries": self.settings.max_examples // 2,
            "valid": valid,
            "invalid": max(1, self.settings.max_examples - valid),
        }[kind]

    def _start(self, *, learn: bool = False) -> None:
        """Start the application again, and send the setup."""
        self.sandbox.start()
        steps = setup_of(self.operation, self.steps)
        exchanges, self._translation = self.sandbox.replay(self._setup or steps)
        self._history = []
        if learn:
            self._setup = [replace(step, exchange=each) for step, each in zip(steps, exchanges, strict=True)]
            knowledge = Knowledge(self.settings.every_operation)
            for step, exchange in zip(steps, exchanges, strict=True):
                knowledge.learn(step.operation, exchange)
            boundaries = boundaries_of(self.operation, Schemas(self.operation.document))
            self._candidates = replace(knowledge.candidates(self.operation), boundaries=boundaries)
            self._made_up = frozenset(self._translation.values.values())
            self._translation = Translation()

    def _use(self, kind: Kind, generated: Generated) -> None:
        """Send a generated request, and check the laws. The first valid one is sent without credentials, too."""
        if self._waits >= MOST_WAITS:
            return
        if not is_served_by(self.operation, self._translation.applied(generated.request)):
            return
        step = Step(self.operation, generated.request, None, generated.intent)
        if kind == "valid" and not self._asked_without and is_secured(self.operation):
            self._asked_without = True
            self._check(replace(step, intent="other"), kind, has_credentials=False)
        self._sent += 1
        exchange = self._check(step, kind)
        if exchange.status is None and exchange.error is None:
            self._waits += 1
        if exchange.status == 429 and self._restarts < MOST_RESTARTS:
            self._restarts += 1
            self._start()  # candidates are those of the first start

    def _check(self, step: Step, kind: Kind, *, has_credentials: bool = True) -> Exchange:
        sent = replace(step, request=self._translation.applied(step.request))
        exchange = self.sandbox.send(sent, has_credentials=has_credentials)
        for make, law in self._laws:
            count = self._checked.get(law.name, 0)
            if (law.most is None or count < law.most) and law.wants(self.operation, exchange):
                self._checked[law.name] = count + 1
                violations = self.sandbox.check(law, self.operation, exchange)
                self._suspect(make, law, violations, replace(step, exchange=exchange), kind, has_credentials)
        self._history.append(replace(step, exchange=exchange))
        return exchange

    def _suspect(
        self,
        make: MakeLaw,
        law: Law,
        violations: Sequence[Violation],
        step: Step | None,
        kind: Kind,
        has_credentials: bool = True,
    ) -> None:
        for violation in violations:
            key = (law.name, violation.message)
            is_new = key not in self._suspects
            if is_new and sum(name == law.name for name, _ in self._suspects) < MOST_FINDINGS:
                self._suspects[key] = Suspect(
                    make=make,
                    violation=violation,
                    step=step,
                    kind=kind,
                    most=self._most(kind),
                    has_credentials=has_credentials,
                    setup=tuple(self._setup),
                    history=tuple(self._history),
                    made_up=self._made_up,
                )

    def _found(self, suspect: Suspect) -> Finding:
        result: Shown = shown(self.sandbox, self.generator, self.operation, suspect, self._candidates)
        return as_finding(self.operation, suspect, result, self.settings.app_name, self.settings.surroundings)


def _declared_key(operation: ProvedOperation, status: int) -> str:
    """The key of the declared response that a status is."""
    keys = (str(status), f"{status // 100}XX", "default")
    return next((key for key in keys if key in operation.responses), "")

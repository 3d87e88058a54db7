"""A job as it is declared: its function, its arguments, its options, and the plan of its dependencies."""

import inspect
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any, TypedDict

from signette._dataclasses import dataclass
from signette.declarative.adapters.json_values import JsonType, NotJson
from signette.declarative.errors import base as errors
from signette.declarative.errors import jobs as job_errors
from signette.declarative.jobs.exceptions import JobArgumentsError
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.graph import is_of_app
from signette.declarative.plan.parameters import callable_parameters
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.reads import claimed_source
from signette.declarative.plan.steps import Plan
from signette.declarative.signature.callables import kind_of, location_of, result_of
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.markers import MISSING, Marker
from signette.declarative.signature.model import GENERATORS, Kind, Parameter
from signette.declarative.sources.table import INJECTED, SOURCES

DEFAULT_TIMEOUT = 300.0
# A century, for delays and times that a state engine has to keep.
MAX_SECONDS = 100 * 365.0 * 86400.0
MAX_RETRY_DELAY = 3600.0


class JobOptions(TypedDict, total=False):
    """Options of `@app.job`."""

    name: str
    """Identifies the job in queues; by default the name of the function."""
    retries: int
    """How often a job that has failed runs again (0)."""
    retry_delay: float
    """Seconds before the first retry (1). It doubles for each further one, up to an hour."""
    timeout: float | None
    """Seconds after which an `async def` job is cancelled and has failed (300). None: no timeout."""
    key: Callable[..., str] | None
    """A function from the job's arguments to its idempotency key. Jobs with equal keys run once."""
    result_ttl: float
    """Seconds for which results, failures and idempotency keys are kept (86400, a day)."""


@dataclass(frozen=True, slots=True)
class JobArgument:
    """An argument of a job."""

    type: JsonType
    required: bool


class JobDefinition:
    """A function that is a job.

    Raises SignatureError for an invalid signature or option, as soon as all names in the annotations are defined.
    """

    def __init__(self, function: Callable[..., Any], options: JobOptions) -> None:
        self.function = function
        self.where = location_of(function)
        for name in options:
            if name not in JobOptions.__annotations__:
                raise job_errors.unknown_job_option(self.where, name, JobOptions.__annotations__)
        self.kind = kind_of(function)
        if self.kind in GENERATORS:
            raise job_errors.generator_job(self.where)
        self.name: str = options.get("name", getattr(function, "__name__", ""))
        self.retries: int = options.get("retries", 0)
        self.retry_delay: float = options.get("retry_delay", 1.0)
        self.timeout = options.get("timeout", DEFAULT_TIMEOUT) if self.kind is Kind.ASYNC else None
        self.key = options.get("key")
        self.result_ttl: float = options.get("result_ttl", 86400.0)
        self._check_options(options)
        with suppress(errors.UnresolvedForwardRef):  # checked again when the application starts
            self.check()

    def _check_options(self, options: JobOptions) -> None:
        def reject(option: str, requirement: str) -> None:
            raise job_errors.invalid_job_option(self.where, option, options.get(option, self.name), requirement)

        if not isinstance(self.name, str) or not self.name.isprintable() or not self.name or " " in self.name:
            reject("name", "use text without spaces")
        if type(self.retries) is not int or self.retries < 0:
            reject("retries", "use a whole number of at least 0")
        if not _is_number(self.retry_delay) or not 0 <= self.retry_delay <= MAX_SECONDS:
            reject("retry_delay", "use a number of seconds, from 0 to a century")
        if self.timeout is not None and not (_is_number(self.timeout) and self.timeout > 0):
            reject("timeout", "use a positive number of seconds, or None")
        if self.kind is not Kind.ASYNC and options.get("timeout") is not None:
            reject("timeout", "remove it, or write `async def`: a thread cannot be cancelled")
        if self.key is not None and not callable(self.key):
            reject("key", 'use a function of the arguments: `key=lambda order_id: f"receipt-{order_id}"`')
        if not _is_number(self.result_ttl) or not 0 < self.result_ttl <= MAX_SECONDS:
            reject("result_ttl", "use a positive number of seconds, at most a century")

    def check(self) -> None:
        """Make the plan and all types.

        Raises SignatureError.
        """
        _ = self.arguments, self.result, self._plan

    # -- signature -----------------------------------------------------------------------------------------------------

    @cached_property
    def arguments(self) -> Mapping[str, JobArgument]:
        """The arguments by name: the parameters that are neither dependencies nor provided by the application."""
        endpoint = Endpoint(self.function, "", ())
        found = {}
        for parameter in callable_parameters(endpoint, self.function, (), alone=False):
            if isinstance(parameter.marker, Dependency) or is_of_app(parameter):
                continue
            found[parameter.name] = JobArgument(self._json_type(parameter), parameter.default is MISSING)
        for each in self._signature.parameters.values():
            if each.kind is each.POSITIONAL_ONLY:
                raise job_errors.positional_only_job_argument(self.where, each.name)
        return found

    def _json_type(self, parameter: Parameter) -> JsonType:
        source = claimed_source(parameter, self.where, (), SOURCES)
        if isinstance(parameter.marker, Marker) or source in INJECTED or source.place == "form":
            raise job_errors.job_reads_request(self.where, parameter.name, source.place)
        try:
            return JsonType(parameter.annotation)
        except NotJson as exc:
            raise job_errors.job_argument_not_json(self.where, parameter.name, parameter.annotation, str(exc)) from None

    @cached_property
    def result(self) -> JsonType:
        """The type of the result."""
        annotation = result_of(self.function)
        try:
            return JsonType(annotation)
        except NotJson as exc:
            raise job_errors.job_result_not_json(self.where, annotation, str(exc)) from None

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.function)

    @cached_property
    def _plan(self) -> Plan:
        return self._planned({})

    def plan(self, overrides: Mapping[Any, Any]) -> Plan:
        """The calls of the dependencies and the function."""
        return self._planned(overrides) if overrides else self._plan

    def _planned(self, overrides: Mapping[Any, Any]) -> Plan:
        return plan_endpoint(
            Endpoint(
                self.function,
                "",
                (),
                overrides=overrides,
                options={"response_model": None},
                outside=frozenset(self.arguments),
                is_job=True,
            )
        )

    # -- arguments -----------------------------------------------------------------------------------------------------

    def named(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a call, by name.

        Raises:
            JobArgumentsError: an argument is missing, unknown, or is a dependency.
        """
        try:
            given = dict(self._signature.bind_partial(*args, **kwargs).arguments)
        except TypeError as exc:
            raise JobArgumentsError(f"job `{self.name}`: {exc}") from None
        for name in given:
            if name not in self.arguments:
                raise JobArgumentsError(
                    f"job `{self.name}`: `{name}` is not an argument; it is filled when the job runs"
                )
        missing = [name for name, each in self.arguments.items() if each.required and name not in given]
        if missing:
            raise JobArgumentsError(f"job `{self.name}`: missing arguments: {', '.join(missing)}")
        return given

    def dump(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as JSON.

        Raises:
            JobArgumentsError: an argument is not valid, or cannot be stored.
        """
        return {name: self._converted(name, value, "dump") for name, value in given.items()}

    def load(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments from JSON, which another version of the program may have stored.

        Raises:
            JobArgumentsError: an argument is missing, unknown, or not valid.
        """
        unknown = [name for name in stored if name not in self.arguments]
        if unknown:
            raise JobArgumentsError(f"job `{self.name}`: unknown arguments: {', '.join(unknown)}")
        return self.named((), {name: self._converted(name, value, "load") for name, value in stored.items()})

    def _converted(self, name: str, value: Any, how: str) -> Any:
        try:
            return getattr(self.arguments[name].type, how)(value)
        except NotJson as exc:
            raise JobArgumentsError(f"job `{self.name}`: argument `{name}`: {exc}") from None

    def delay_after(self, attempt: int) -> float:
        """Seconds between an attempt that has failed and the next one."""
        return min(math.ldexp(self.retry_delay, min(attempt - 1, 32)), max(MAX_RETRY_DELAY, self.retry_delay))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

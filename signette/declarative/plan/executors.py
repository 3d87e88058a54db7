"""Where calls run that take a lot of processor time: the option `executor=` of operations and dependencies.

The executor of an application or a router is for all sync endpoints that it can run, and a reason for the others is a
fact of the plan. That of an operation or a dependency itself must be able to run it.
"""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from signette.declarative.errors import executors as errors
from signette.declarative.errors.base import SignatureError
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.pages import is_page_parameter
from signette.declarative.plan.steps import Call, Read, ReadModel, Step
from signette.declarative.signature.callables import is_hashable, location_of
from signette.declarative.signature.executors import Executor, Interpreter, SharedExecutor
from signette.declarative.signature.model import Kind
from signette.declarative.signature.type_info import type_info
from signette.declarative.signature.uploads import is_upload
from signette.declarative.sources.row import Row

Input = Call | Read | ReadModel

# What a request or a policy injects, and why that cannot be sent.
_KINDS = {
    "request": "the request",
    "connection": "the request",
    "websocket": "the WebSocket",
    "response": "the response",
    "channel": "a channel",
    "policy": "the value of a policy",
}
# What is injected, or not validated, and plain data.
_PLAIN = frozenset({"path", "query", "header", "cookie", "form", "body", "scopes"})


def with_executors(
    steps: tuple[Step, ...], endpoint: Endpoint, of_dependencies: Mapping[str, Executor]
) -> tuple[Step, ...]:
    """The steps, whose calls know their executors. `of_dependencies` has variables.

    Raises SignatureError for an executor that cannot run the function that it is declared for.
    """
    option = endpoint.options.get("executor")
    if option is None and not of_dependencies:
        return steps
    inputs = {step.into: step for step in steps if isinstance(step, Call | Read | ReadModel)}
    overriding = [each for each in endpoint.overrides.values() if is_hashable(each)]
    made: list[Step] = []
    for step in steps:
        if isinstance(step, Call) and step.endpoint and option is not None:
            made.append(_with_option(step, option, inputs))
        elif isinstance(step, Call) and step.into in of_dependencies and step.target not in overriding:
            executor = of_dependencies[step.into]
            if step.kind is Kind.VALUE:
                name = step.where.name.rsplit(".", 1)[-1]
                raise errors.executor_of_value(location_of(endpoint.function), executor, name)
            if (error := _problem(step, executor, inputs)) is not None:
                raise error
            made.append(replace(step, executor=executor))
        else:
            made.append(step)
    return tuple(made)


def _with_option(call: Call, option: Executor | SharedExecutor, inputs: Mapping[str, Input]) -> Call:
    executor = option.executor if isinstance(option, SharedExecutor) else option
    error = _problem(call, executor, inputs)
    if error is None:
        return replace(call, executor=executor)
    if not isinstance(option, SharedExecutor):
        raise error
    if call.kind is Kind.ASYNC:  # it needs none
        return call
    return replace(call, executor_not_applied=f"{executor!r} of the {option.owner} is not applied: {error.problem}")


def _problem(call: Call, executor: Executor, inputs: Mapping[str, Input]) -> SignatureError | None:
    """Why an executor cannot run a function."""
    if not isinstance(executor, Executor):
        return errors.not_an_executor(call.where, call.where.name.rsplit(".", 1)[-1], executor)
    if call.kind is Kind.ASYNC:
        return errors.executor_of_async_function(call.where, executor)
    if call.kind is not Kind.SYNC:
        return errors.executor_of_generator(call.where, executor)
    if not executor.sends_values:
        return None
    if not is_importable(call.target):
        return errors.process_cannot_import(call.where, executor)
    if isinstance(executor, Interpreter) and (error := _import_error(call, executor, inputs)) is not None:
        return error
    for argument in call.arguments:
        if (kind := _unsendable(inputs.get(argument.value))) is not None:
            return errors.process_cannot_receive(call.where, executor, argument.name, kind)
    return None


def _import_error(call: Call, executor: Interpreter, inputs: Mapping[str, Input]) -> SignatureError | None:
    """Why an interpreter cannot import the function, or the class of an argument."""
    module = call.target.__module__
    problem = "it is in the script that was started" if module == "__main__" else executor.import_problem(module)
    if problem is not None:
        return errors.process_cannot_import(call.where, executor, f"`{module}`", problem)
    for argument in call.arguments:
        read = inputs.get(argument.value)
        for part in type_info(read.annotation).walk() if isinstance(read, Read | ReadModel) else ():
            if part.cls is not None and (problem := executor.import_problem(part.cls.__module__)) is not None:
                name = f"`{part.cls.__name__}`, the type of `{argument.name}`"
                return errors.process_cannot_import(call.where, executor, name, problem)
    return None


def is_importable(target: Any) -> bool:
    """Whether a worker process may find a function or class by its name. A decorator may still hide it."""
    name = getattr(target, "__qualname__", "")
    return (inspect.isfunction(target) or inspect.isclass(target)) and "<" not in name


def _unsendable(read: Input | None) -> str | None:
    """What a value is that cannot be sent to another process; None if it can be, as far as its type shows."""
    if isinstance(read, Call):
        return "a page parameter" if is_page_parameter(read.target) else None
    if read is None:
        return None
    has_files = isinstance(read, ReadModel) and any(field.source is not None for field in read.fields)
    if has_files or is_upload(read.annotation):
        return "an open file"
    if isinstance(read, Read) and read.stream is not None:
        return "a stream"
    source = read.source
    is_injected = isinstance(source, Row) and source.checks == "never" and source.place not in _PLAIN
    return _KINDS.get(source.place, "an object of this process") if is_injected else None

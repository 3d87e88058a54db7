"""Errors in `executor=`."""

from typing import Any

from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.model import SourceLocation


def not_an_executor(location: SourceLocation | str, name: str, value: Any) -> SignatureError:
    word = f"the class `{value.__name__}`" if isinstance(value, type) else f"`{type(value).__name__}`"
    return SignatureError(
        location,
        f"`executor=` of `{name}` must be a `Thread`, `Process` or `Interpreter`, got {word}",
        "write `Thread(limit=4)`",
    )


def executor_of_async_function(location: SourceLocation, executor: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`executor={executor!r}` is for sync functions, but this is an `async def`, which runs on the event loop",
        "write `def`, or remove `executor=`",
    )


def executor_of_generator(location: SourceLocation, executor: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`executor={executor!r}` is for functions that return, but this is a generator",
        "move the part that takes processor time to a function, or remove `executor=`",
    )


def executor_of_value(location: SourceLocation, executor: Any, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`executor={executor!r}` of `{name}` has no effect: the class only collects its arguments",
        "remove `executor=`",
    )


def process_cannot_import(
    location: SourceLocation, executor: Any, name: str = "the function", problem: str = ""
) -> SignatureError:
    """With a `problem`: why an interpreter cannot import a module."""
    if problem:
        return SignatureError(
            location,
            f"`executor={executor!r}` cannot import {name}: {problem}",
            "move the function to a module that imports neither signette nor pydantic, or use `Process`",
        )
    return SignatureError(
        location,
        f"`executor={executor!r}` imports the function by its name, but it is not at the top level of a module",
        "move the function to the top level of a module, or use `Thread`",
    )


def process_cannot_receive(location: SourceLocation, executor: Any, name: str, kind: str) -> SignatureError:
    place = executor.place.removeprefix("in ").removesuffix(" of")
    return SignatureError(
        location,
        f"`{name}` is {kind}, which cannot be sent to {place} of `executor={executor!r}`",
        "take the values that the function needs as parameters, or use `Thread`",
    )

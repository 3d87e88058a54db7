"""Operations of a client by name and by function, as objects that are called."""

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from signette.client.operations.collection import Operations, collect
from signette.client.runtime.spec import UNSET, OperationSpec


def operations_in(app: Any) -> Operations:
    """The operations of an application, or of a sequence of `OperationSpec`s."""
    if hasattr(app, "routes"):
        return collect(app)
    if isinstance(app, Iterable):
        every = tuple(app)
        if all(isinstance(each, OperationSpec) for each in every):
            return Operations(every, {each.name: each for each in every})
    raise TypeError(f"a client needs an `App`, or the operations of `operations_of(app)`, got {app!r}")


def signature_of(operation: OperationSpec) -> inspect.Signature:
    """The signature of a call: keyword arguments."""
    empty = inspect.Parameter.empty
    return inspect.Signature(
        [
            inspect.Parameter(
                each.argument,
                inspect.Parameter.KEYWORD_ONLY,
                default=empty if each.required else None if each.default is UNSET else each.default,
                annotation=each.type,
            )
            for each in operation.arguments
        ]
    )


class NamedOperation:
    """An operation of a client: `await client.create_order(order=order)`."""

    def __init__(self, calls: Any, operation: OperationSpec) -> None:
        self._calls = calls
        self.operation = operation
        self.__name__ = self.__qualname__ = operation.name
        self.__doc__ = operation.doc or f"{operation.method} {operation.path}"
        self.__signature__ = signature_of(operation)

    def __call__(self, /, *unnamed: Any, **arguments: Any) -> Any:
        """Call the operation.

        Raises:
            ArgumentError: an argument is missing, unknown, or cannot be sent.
            Problem: a problem that the operation declares and does not return, as its class.
            UnexpectedResponse: any other response.
        """
        if unnamed:
            _reject_unnamed(self.operation)
        return self._calls.call(self.operation, arguments)

    def reply(self, /, *unnamed: Any, **arguments: Any) -> Any:
        """Call the operation, and return a `Reply`: the result with the status and the headers."""
        if unnamed:
            _reject_unnamed(self.operation)
        return self._calls.reply(self.operation, arguments)

    def __repr__(self) -> str:
        return f"<operation {self.operation.name}: {self.operation.method} {self.operation.path}>"


class ByName:
    """The part of a client that finds operations."""

    _operations: Operations
    _calls: Any

    def __getattr__(self, name: str) -> NamedOperation:
        found = None if name.startswith("__") else self._operations.by_name.get(name)
        if found is None:
            _unknown(self, name)
        named = NamedOperation(self._calls, found)
        vars(self)[name] = named
        return named

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._operations.by_name]

    @property
    def operations(self) -> tuple[OperationSpec, ...]:
        """What the client knows of each operation."""
        return self._operations.all

    def call(self, operation: str | Callable[..., Any], /, *unnamed: Any, **arguments: Any) -> Any:
        """Call an operation by its name, or by the function that is its endpoint.

        Raises:
            LookupError: there is no such operation, or the function has several.
        """
        found = self._operations.of(operation)
        if unnamed:
            _reject_unnamed(found)
        return self._calls.call(found, arguments)

    def reply(self, operation: str | Callable[..., Any], /, *unnamed: Any, **arguments: Any) -> Any:
        """Call an operation, and return a `Reply`: the result with the status and the headers.

        Raises:
            LookupError: there is no such operation, or the function has several.
        """
        found = self._operations.of(operation)
        if unnamed:
            _reject_unnamed(found)
        return self._calls.reply(found, arguments)

    def call_json(self, operation: str | Callable[..., Any], arguments: dict[str, Any], /) -> Any:
        """Call an operation with arguments that are JSON values, with the names of JSON.

        Raises:
            LookupError: there is no such operation, or the function has several.
        """
        found = self._operations.of(operation)
        if not isinstance(arguments, Mapping):
            kind = type(arguments).__name__
            raise TypeError(f"`{found.name}`: the arguments are a mapping of names to JSON values, not a `{kind}`")
        return self._calls.call_json(found, arguments)


def _reject_unnamed(operation: OperationSpec) -> NoReturn:
    """Raise TypeError for an argument without a name."""
    if not operation.arguments:
        raise TypeError(f"`{operation.name}` takes no arguments")
    required = [each for each in operation.arguments if each.required] or operation.arguments[:1]
    example = ", ".join(f"{each.argument}=..." for each in required)
    raise TypeError(f"`{operation.name}` takes arguments by their names: `{operation.name}({example})`")


def _unknown(client: Any, name: str) -> NoReturn:
    known = list(vars(client)["_operations"].by_name) if "_operations" in vars(client) else []
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    raise AttributeError(f"`{type(client).__name__}` has no operation `{name}`{hint}")

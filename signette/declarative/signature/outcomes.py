"""Return types with a status code: `-> Created[Order] | OutOfStock`."""

from collections.abc import Mapping
from typing import ClassVar, Generic, Never, TypeVar

from signette._dataclasses import dataclass
from signette.declarative.signature.arguments import unexpected_argument
from signette.problems import Problem

T_co = TypeVar("T_co", covariant=True)


_HEADER = "write `headers={{{0!r}: ...}}`"
_HINTS = {
    "location": _HEADER.format("Location"),
    "status_code": "write a subclass: `class Teapot(Outcome[T]): status_code = 418`",
}


@dataclass(frozen=True, slots=True, init=False)
class Outcome(Generic[T_co]):
    """A result with the status code of its class, and optional headers. Subclass it for other status codes."""

    content: T_co
    headers: Mapping[str, str] | None = None

    status_code: ClassVar[int] = 200

    def __init__(self, content: T_co, headers: Mapping[str, str] | None = None, **unexpected: Never) -> None:
        if unexpected:
            raise unexpected_argument(type(self), unexpected, ("content", "headers"), _HINTS)
        object.__setattr__(self, "content", content)
        object.__setattr__(self, "headers", headers)


class Ok(Outcome[T_co]):
    """200 OK."""

    __slots__ = ()


class Created(Outcome[T_co]):
    """201 Created. Set the URL of the new resource: `Created(order, headers={"Location": ...})`."""

    __slots__ = ()
    status_code: ClassVar[int] = 201


class Accepted(Outcome[T_co]):
    """202 Accepted: the request is valid, and will be processed later."""

    __slots__ = ()
    status_code: ClassVar[int] = 202


@dataclass(frozen=True, slots=True)
class NoContent(Outcome[None]):
    """204 No Content."""

    content: None = None
    status_code: ClassVar[int] = 204


class Raises:
    """Declare the problems that a dependency may raise: `-> Annotated[User, Raises(BadToken)]`."""

    __slots__ = ("problems",)

    def __init__(self, *problems: type[Problem]) -> None:
        for problem in problems:
            if not (isinstance(problem, type) and issubclass(problem, Problem)):
                raise TypeError(f"`Raises` takes subclasses of `Problem`, got {problem!r}")
        self.problems = problems

    def __repr__(self) -> str:
        return f"Raises({', '.join(problem.__name__ for problem in self.problems)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Raises) and other.problems == self.problems

    def __hash__(self) -> int:
        return hash(self.problems)

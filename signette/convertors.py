"""Convertors: what `{name:kind}` in a path matches, the value it becomes, and the way back into a URL."""

import math
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

T = TypeVar("T")

# As many as `int` reads by default; more do not match. The work grows with their square.
_MOST_DIGITS = 4300


class UnfitValue(AssertionError, ValueError):
    """A value that has no form in a path. An `AssertionError` too: so the documented convertors raise it."""


class Convertor(Generic[T]):
    """One kind of path parameter: subclass it, and hand an instance to `register_url_convertor`.

    `regex` says which text it takes, without groups that capture. Where `convert` raises ValueError, the path does
    not match after all.
    """

    regex: ClassVar[str] = ""

    def convert(self, value: str) -> T:
        """The value of a text that `regex` matches."""
        raise NotImplementedError

    def to_string(self, value: T) -> str:
        """The text of a value, not yet percent-encoded; `convert` gives the value back."""
        raise NotImplementedError


class StringConvertor(Convertor[str]):
    """One segment of a path, not empty."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """The text itself."""
        return value

    def to_string(self, value: str) -> str:
        """The text itself. Raises UnfitValue: it is empty or holds a `/`."""
        value = str(value)
        if "/" in value:
            raise UnfitValue("May not contain path separators")
        if not value:
            raise UnfitValue("Must not be empty")
        return value


class PathConvertor(Convertor[str]):
    """The rest of a path, slashes and all; it may be empty."""

    regex = r"[\s\S]*"  # line ends too: `%0A` must not lead past a route

    def convert(self, value: str) -> str:
        """The text itself."""
        return value

    def to_string(self, value: str) -> str:
        """The text itself."""
        return str(value)


class IntegerConvertor(Convertor[int]):
    """A whole number without a sign."""

    regex = f"[0-9]{{1,{_MOST_DIGITS}}}"

    def convert(self, value: str) -> int:
        """The number. Raises ValueError: it has more than 4,300 digits."""
        if len(value) > _MOST_DIGITS:
            raise ValueError(f"a number of more than {_MOST_DIGITS} digits")
        return int(value)

    def to_string(self, value: int) -> str:
        """The digits. Raises UnfitValue: the number is negative."""
        value = int(value)
        if value < 0:
            raise UnfitValue("Negative integers are not supported")
        return str(value)


class FloatConvertor(Convertor[float]):
    """A number without sign and exponent."""

    # The greatest float has 309 digits before the point, zeros in front of them aside.
    regex = r"(?:0*[1-9][0-9]{0,308}|0+)(?:\.[0-9]+)?"

    def convert(self, value: str) -> float:
        """The nearest float. Raises ValueError: there is none but infinity."""
        number = float(value)
        if math.isinf(number):
            raise ValueError("a number beyond the greatest float")
        return number

    def to_string(self, value: float) -> str:
        """The shortest digits that give the number back. Raises UnfitValue: negative, NaN or infinite."""
        value = float(value)
        if value < 0.0:
            raise UnfitValue("Negative floats are not supported")
        if math.isnan(value):
            raise UnfitValue("NaN values are not supported")
        if math.isinf(value):
            raise UnfitValue("Infinite values are not supported")
        # `repr` is exact but has exponents, which the pattern does not know; Decimal writes its digits out.
        # `abs`: minus zero has a sign.
        return f"{Decimal(repr(abs(value))):f}".removesuffix(".0")


class UUIDConvertor(Convertor[UUID]):
    """A UUID, with or without dashes, in either case."""

    regex = "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"

    def convert(self, value: str) -> UUID:
        """The UUID. Raises ValueError: it has not 32 digits."""
        return UUID(value)

    def to_string(self, value: UUID) -> str:
        """Lower-case digits with dashes, or the text as it was given."""
        return str(value)


CONVERTOR_TYPES: dict[str, Convertor[Any]] = {
    "str": StringConvertor(),
    "path": PathConvertor(),
    "int": IntegerConvertor(),
    "float": FloatConvertor(),
    "uuid": UUIDConvertor(),
}


def register_url_convertor(key: str, convertor: Convertor[Any]) -> None:
    """Make `{name:key}` known to every path that is compiled from now on."""
    CONVERTOR_TYPES[key] = convertor

"""Path convertors: the text that `{name:kind}` in a path matches, its value, and the text of a value in a URL."""

import math
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

T = TypeVar("T")

# The default of `int`; longer numbers do not match. The work grows with the square of the digits.
_MAX_DIGITS = 4300


class InvalidPathParam(AssertionError, ValueError):
    """A convertor cannot write a value into a path.

    Both a `ValueError` and an `AssertionError`, which Starlette's convertors raise.
    """


class Convertor(Generic[T]):
    """A kind of path parameter. Subclass it and pass an instance to `register_url_convertor`.

    `regex` matches the text, without capturing groups. If `convert` raises ValueError, the path does not match.

    Attributes:
        regex: The text that it matches, as a regular expression.
    """

    regex: ClassVar[str] = ""

    def convert(self, value: str) -> T:
        """The value of a text that `regex` matches."""
        raise NotImplementedError

    def to_string(self, value: T) -> str:
        """The text of a value, not percent-encoded. `convert` returns the same value from it."""
        raise NotImplementedError


class StringConvertor(Convertor[str]):
    """One non-empty path segment."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """The text, unchanged."""
        return value

    def to_string(self, value: str) -> str:
        """The text, unchanged. Raises InvalidPathParam if it is empty or contains a `/`."""
        value = str(value)
        if "/" in value:
            raise InvalidPathParam("May not contain path separators")
        if not value:
            raise InvalidPathParam("Must not be empty")
        return value


class PathConvertor(Convertor[str]):
    """The rest of a path, including slashes; it may be empty."""

    regex = r"[\s\S]*"  # includes line ends: `%0A` must not keep a path from matching

    def convert(self, value: str) -> str:
        """The text, unchanged."""
        return value

    def to_string(self, value: str) -> str:
        """The text, unchanged."""
        return str(value)


class IntegerConvertor(Convertor[int]):
    """An integer without a sign."""

    regex = f"[0-9]{{1,{_MAX_DIGITS}}}"

    def convert(self, value: str) -> int:
        """The integer. Raises ValueError if it has more than 4,300 digits."""
        if len(value) > _MAX_DIGITS:
            raise ValueError(f"number has more than {_MAX_DIGITS} digits")
        return int(value)

    def to_string(self, value: int) -> str:
        """The digits. Raises InvalidPathParam if the integer is negative."""
        value = int(value)
        if value < 0:
            raise InvalidPathParam("Negative integers are not supported")
        return str(value)


class FloatConvertor(Convertor[float]):
    """A decimal number without sign and exponent."""

    # The greatest float has 309 digits before the point, leading zeros excluded.
    regex = r"(?:0*[1-9][0-9]{0,308}|0+)(?:\.[0-9]+)?"

    def convert(self, value: str) -> float:
        """The nearest float. Raises ValueError if the number is greater than the greatest float."""
        number = float(value)
        if math.isinf(number):
            raise ValueError("number is greater than the greatest float")
        return number

    def to_string(self, value: float) -> str:
        """The shortest digits of the float. Raises InvalidPathParam if it is negative, NaN or infinite."""
        value = float(value)
        if value < 0.0:
            raise InvalidPathParam("Negative floats are not supported")
        if math.isnan(value):
            raise InvalidPathParam("NaN values are not supported")
        if math.isinf(value):
            raise InvalidPathParam("Infinite values are not supported")
        # `repr` is exact but may have an exponent, which `regex` does not match; Decimal writes all digits.
        # `abs` drops the sign of minus zero.
        return f"{Decimal(repr(abs(value))):f}".removesuffix(".0")


class UUIDConvertor(Convertor[UUID]):
    """A UUID, with or without dashes, in upper or lower case."""

    regex = "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"

    def convert(self, value: str) -> UUID:
        """The UUID. Raises ValueError unless the text has 32 digits."""
        return UUID(value)

    def to_string(self, value: UUID) -> str:
        """Lower-case digits with dashes; a `str` stays unchanged."""
        return str(value)


def text_of(convertor: Convertor[Any], value: Any) -> str:
    """The text of a value that the convertor has made. Unlike in a URL, it may contain a slash that was escaped."""
    return value if isinstance(convertor, StringConvertor) else convertor.to_string(value)


CONVERTOR_TYPES: dict[str, Convertor[Any]] = {
    "str": StringConvertor(),
    "path": PathConvertor(),
    "int": IntegerConvertor(),
    "float": FloatConvertor(),
    "uuid": UUIDConvertor(),
}


def register_url_convertor(key: str, convertor: Convertor[Any]) -> None:
    """Register a convertor for `{name:key}`, for all paths that are compiled afterwards."""
    CONVERTOR_TYPES[key] = convertor

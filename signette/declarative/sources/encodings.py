"""The option `request_encodings=`."""

from collections.abc import Sequence
from typing import Any, Self

from signette.middleware.decompression import installed


class SharedEncodings(tuple[str, ...]):
    """Encodings that a router or an application accepts, for those of its operations that read a body."""

    __slots__ = ()

    def __new__(cls, encodings: Sequence[str]) -> Self:
        return super().__new__(cls, installed(encodings))

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (tuple(self),)

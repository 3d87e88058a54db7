"""Parsers of urlencoded and multipart forms: the public names, including those of Starlette."""

from enum import Enum
from typing import TYPE_CHECKING, Any
from warnings import warn

from signette.exceptions import SignetteDeprecationWarning
from signette.forms.errors import MultiPartException
from signette.forms.parsers import FormParser, MultiPartParser
from signette.forms.parts import decode_safely

__all__ = ["FormParser", "MultiPartException", "MultiPartParser"]

_user_safe_decode = decode_safely


class _FormMessage(Enum):
    FIELD_START = 1
    FIELD_NAME = 2
    FIELD_DATA = 3
    FIELD_END = 4
    END = 5


if not TYPE_CHECKING:  # with this `__getattr__`, type checkers would accept any misspelt name

    def __getattr__(name: str) -> Any:
        if name == "FormMessage":
            warn(
                "`FormMessage` is deprecated and unused",
                SignetteDeprecationWarning,
                stacklevel=2,
            )
            return _FormMessage
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

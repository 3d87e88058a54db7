"""Parsers of forms, urlencoded and multipart: the public names, with those that Starlette's users import."""

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


if not TYPE_CHECKING:  # a checker that saw this `__getattr__` would take every misspelt name for `Any`

    def __getattr__(name: str) -> Any:
        if name == "FormMessage":
            warn(
                "`FormMessage` is deprecated: nothing uses it any more",
                SignetteDeprecationWarning,
                stacklevel=2,
            )
            return _FormMessage
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

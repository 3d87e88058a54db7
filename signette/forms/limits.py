"""The limits of forms as keyword arguments, which the parsers and scanners hand on to each other."""

from collections.abc import Mapping
from typing import TypeAlias, TypedDict

# Of each file, in bytes; or of the files of these fields.
FileLimits: TypeAlias = int | Mapping[str, int] | None


class TextLimits(TypedDict, total=False):
    """Of fields that are text: how many, and the bytes of each and of all of them."""

    max_fields: float
    max_part_size: int
    max_text_size: int


class FormLimits(TextLimits, total=False):
    """The same, and of files: how many, and the bytes of each."""

    max_files: float
    max_file_size: FileLimits

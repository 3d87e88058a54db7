"""The limits of forms as keyword arguments, which parsers and scanners pass on."""

from collections.abc import Mapping
from typing import TypeAlias, TypedDict

from signette.forms.rules import FileRule, FileRules

# The maximum size in bytes of each file, or of the files of each field by its name.
FileLimits: TypeAlias = int | Mapping[str, int] | None


class TextLimits(TypedDict, total=False):
    """The limits of text fields: their number, the bytes of each, and of all together."""

    max_fields: float
    max_part_size: int
    max_text_size: int


class FormLimits(TextLimits, total=False):
    """The limits of a form: those of text fields, the number of files, and the size and the rules of each file."""

    max_files: float
    max_file_size: FileLimits
    file_rules: FileRules | None
    every_file: FileRule | None

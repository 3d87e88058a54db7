"""The rules for the files of one field: their size, and their media types by declaration and by content.

Theory of operation. A scanner asks the rule of a part while it arrives: when its headers are complete, for each chunk
of content, and at its end. If the first bytes decide, they are kept back until there are enough of them, so that what
stores the part never sees a file that is rejected for its type. A part without file name and content is the empty file
input of a browser, and no rule applies to it.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from signette._dataclasses import dataclass
from signette._http.media import parse_media_type
from signette.forms.errors import field_too_large, wrong_file_content, wrong_file_type
from signette.forms.file_types import SNIFFED_BYTES, is_one_of, types_of
from signette.forms.sinks import To

_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class FileRule:
    """The rules for the files of a field."""

    max_bytes: int | None = None
    """The largest size of each file."""
    media_types: tuple[str, ...] = ()
    """Media types, and ranges such as `image/*`, in lower case. Empty: all."""
    sniff: bool = False
    """The first bytes must be those of one of the media types, too."""
    sink: To | None = None
    """Where the files go while they arrive."""

    def check_size(self, name: str, size: int) -> None:
        """Raise MultiPartException (413) for a file that has more bytes."""
        if self.max_bytes is not None and size > self.max_bytes:
            raise field_too_large(name, self.max_bytes)

    def check_type(self, name: str, content_type: str | None) -> None:
        """Raise MultiPartException (415) for a file that declares another type.

        If the content decides, a file may be declared as one of an unknown type.
        """
        if not self.media_types:
            return
        declared = "text/plain" if content_type is None else parse_media_type(content_type)[0]  # RFC 7578 §4.4
        if not is_one_of(declared, self.media_types) and not (self.sniff and content_type in (None, _UNKNOWN)):
            raise wrong_file_type(name, self.media_types)

    def check_beginning(self, name: str, beginning: bytes) -> None:
        """Raise MultiPartException (415) for a file whose first bytes are those of another type."""
        if self.sniff and not any(is_one_of(each, self.media_types) for each in types_of(beginning)):
            raise wrong_file_content(name, self.media_types)

    def check_text(self, name: str, text: str) -> None:
        """Raise MultiPartException for a text that is sent in place of a file."""
        if text:
            self.check_type(name, "text/plain")
        self.check_size(name, len(text.encode("utf-8", "surrogatepass")))


FileRules: TypeAlias = Mapping[str, FileRule]


def sends_on(rules: FileRules | None) -> bool:
    """Whether files go to sinks."""
    return rules is not None and any(rule.sink is not None for rule in rules.values())


class RuledPart:
    """A part while its rule applies."""

    __slots__ = ("_beginning", "_content_type", "_is_checked", "_name", "_rule")

    def __init__(self, rule: FileRule, name: str, filename: str | None, headers: Any) -> None:
        self._rule = rule
        self._name = name
        declared = next((value.decode("latin-1") for key, value in headers if key == b"content-type"), None)
        # A part without a file name is a text, also if it declares another type.
        self._content_type = "text/plain" if filename is None else declared
        self._beginning: bytes | None = b"" if rule.sniff else None
        self._is_checked = False
        if filename:
            self._check_type()

    def _check_type(self) -> None:
        if not self._is_checked:
            self._is_checked = True
            self._rule.check_type(self._name, self._content_type)

    def add(self, data: bytes, start: int, end: int, size: int) -> tuple[bytes, int, int]:
        """The content that may be stored, after `data[start:end]` has arrived. `size` includes it."""
        self._check_type()
        self._rule.check_size(self._name, size)
        if self._beginning is None:
            return data, start, end
        beginning = self._beginning + data[start:end]
        if len(beginning) < SNIFFED_BYTES:
            self._beginning = beginning
            return b"", 0, 0
        return self._checked(beginning)

    def finish(self, filename: str | None) -> tuple[bytes, int, int]:
        """The content that may still be stored, at the end of the part."""
        if self._beginning is None or not (self._beginning or filename):
            return b"", 0, 0
        return self._checked(self._beginning)

    def _checked(self, beginning: bytes) -> tuple[bytes, int, int]:
        self._rule.check_beginning(self._name, beginning)
        self._beginning = None
        return beginning, 0, len(beginning)

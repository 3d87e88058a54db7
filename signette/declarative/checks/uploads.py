"""Check the options of uploaded files: `File(max_bytes=..., media_types=[...], sniff=True)`."""

import re
from typing import Any

from signette._http.tokens import TCHAR_CLASS
from signette.declarative.errors import uploads as upload_errors
from signette.declarative.signature.markers import File
from signette.declarative.signature.model import SourceLocation
from signette.forms.file_types import KNOWN_TYPES, is_one_of

# RFC 9110 §8.3.1, without parameters; `*` only as a whole subtype.
_MEDIA_TYPE = re.compile(rf"(?!\*)[{TCHAR_CLASS}]+/(?:\*|(?!\*)[{TCHAR_CLASS}]+)")


def check_file(marker: File, name: str, location: SourceLocation) -> None:
    """Reject options of a `File` marker that no file could meet, or that have no effect."""
    if marker.max_bytes is not None and not _is_size(marker.max_bytes):
        raise upload_errors.invalid_file_size(location, name, marker.max_bytes)
    if marker.media_types is None:
        if marker.sniff:
            raise upload_errors.sniffing_without_types(location, name)
        return
    if isinstance(marker.media_types, str) or not marker.media_types:
        raise upload_errors.media_types_not_a_list(location, name, marker.media_types)
    for each in marker.media_types:
        if not isinstance(each, str) or _MEDIA_TYPE.fullmatch(each) is None:
            raise upload_errors.invalid_media_type(location, name, each)
        if marker.sniff and not any(is_one_of(known, (each.lower(),)) for known in KNOWN_TYPES):
            raise upload_errors.unknown_signature(location, name, each, KNOWN_TYPES)


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0

"""The rules for uploaded files that a marker declares: `File(max_bytes=..., media_types=[...])`."""

from signette.declarative.signature.markers import File
from signette.forms.rules import FileRule


def file_rule(marker: File) -> FileRule | None:
    """The rule of a marker for the files of its name; None if it allows all."""
    if marker.max_bytes is None and not marker.media_types:
        return None
    media_types = tuple(each.lower() for each in marker.media_types or ())
    return FileRule(marker.max_bytes, media_types, marker.sniff)

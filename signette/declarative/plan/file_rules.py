"""The rules for uploaded files that a marker declares: `File(max_bytes=..., media_types=[...])`."""

from collections.abc import Iterable, Sequence
from typing import Any

from signette.declarative.errors import uploads as upload_errors
from signette.declarative.plan.steps import Read, ReadModel
from signette.declarative.signature.markers import File
from signette.declarative.signature.model import SourceLocation
from signette.forms.rules import FileRule
from signette.forms.sinks import To

_ANY = FileRule()


def file_rule(marker: Any, sinks: Sequence[To]) -> FileRule | None:
    """The rule of a marker and a sink for the files of a name; None without either."""
    sink = next(iter(sinks), None)
    if not isinstance(marker, File):
        return None if sink is None else FileRule(sink=sink)
    media_types = tuple(each.lower() for each in marker.media_types or ())
    rule = FileRule(marker.max_bytes, media_types, marker.sniff, sink)
    return None if rule == _ANY else rule


def check_rules(reads: Iterable[tuple[Read | ReadModel, SourceLocation]]) -> None:
    """Raises SignatureError if two parameters read the files of one name by different rules."""
    known: dict[str, tuple[FileRule | None, str]] = {}
    for read, where in reads:
        for name, rule in _rules_of(read):
            other, first = known.setdefault(name, (rule, read.name))
            declared = [each for each in (other, rule) if each is not None]
            if other != rule and (len(declared) == 2 or declared[0].sink is not None):
                raise upload_errors.conflicting_file_rules(where, first, read.name, name)


def _rules_of(read: Read | ReadModel) -> list[tuple[str, FileRule | None]]:
    if read.source.place != "form":
        return []
    if isinstance(read, Read):
        return [(key, read.file_rule) for key in read.keys]
    return [(wire, each.file_rule) for each in read.fields for wire in each.wire]

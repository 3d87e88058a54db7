"""The steps that open sources: each source once, after those that it is built on."""

from collections.abc import Iterable, Iterator, Sequence

from signette.declarative.plan.steps import Open, Read, ReadModel, names_of, reads_parts
from signette.declarative.sources.injected import REQUEST
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Phase, Source
from signette.forms.rules import FileRule


class Openings:
    """The sources of all reads of a plan, and which of them are open so far."""

    def __init__(self, reads: Sequence[Read | ReadModel]) -> None:
        self._reads = reads
        self._wants_lists = {read.source.opener for read in reads if _wants_lists(read)}
        self._has_request = any(REQUEST in _built_on(read.source) for read in reads)
        self._file_rules = tuple(rule for read in reads for rule in _file_rules(read))
        self._open: set[Source] = set()

    def is_open(self, source: Source) -> bool:
        return source in self._open

    def steps_before(self, source: Source) -> Iterator[Open]:
        """The steps that open a source, and what it is built on, unless they are open."""
        opener = source.opener
        for each in opener.after:
            yield from self.steps_before(each)
        if opener in self._open:
            return
        self._open.add(opener)
        if not opener.opens:
            return
        is_shared = self._has_request and isinstance(opener, Row) and opener.opening_request is not None
        keeps_files = isinstance(opener, Row) and opener.has_files
        yield Open(
            opener,
            many=opener in self._wants_lists,
            shared=is_shared,
            file_rules=self._file_rules if opener.phase is Phase.BODY else (),
            names=_names_read(opener, self._reads) if keeps_files and not is_shared else None,
        )


def _built_on(source: Source) -> set[Source]:
    """A source's opener, and all that it is built on."""
    return {source.opener}.union(*(_built_on(each) for each in source.opener.after))


def _names_read(opener: Source, reads: Iterable[Read | ReadModel]) -> tuple[str, ...] | None:
    """All names that are read from what a source opens; None if a read may look at any."""
    found: dict[str, None] = {}
    for read in reads:
        if opener not in _built_on(read.source):
            continue
        if read.source.opener != opener or (isinstance(read, ReadModel) and read.extras):
            return None
        found |= dict.fromkeys(names_of(read))
    return tuple(found)


def _wants_lists(read: Read | ReadModel) -> bool:
    several = read.many if isinstance(read, Read) else (read.extras or any(field.many for field in read.fields))
    # The last value of a name, empty or not, is found in the list of all its values.
    keeps_empty = isinstance(read.source, Row) and read.source.one_or_empty is not None and read.keeps_empty
    return several or keeps_empty or reads_parts(read)


def _file_rules(read: Read | ReadModel) -> list[tuple[str, FileRule]]:
    if isinstance(read, ReadModel):
        return [(wire, each.file_rule) for each in read.fields if each.file_rule is not None for wire in each.wire]
    return [] if read.file_rule is None else [(key, read.file_rule) for key in read.keys]

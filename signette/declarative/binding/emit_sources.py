"""Printing sources: built-in ones by their templates, sources of an application by calls of their methods.

In generated code `s_` names are such sources, and `c_` names what they have opened.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import anyio

from signette._scope_keys import HANDLERS
from signette._scope_keys import REQUEST as FAILED
from signette.declarative.binding.codegen import Code
from signette.declarative.binding.emit_context import EmitContext
from signette.declarative.plan.steps import Field, Open, Read
from signette.declarative.sources.form import Names
from signette.declarative.sources.injected import REQUEST
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Phase, Source


class Printed:
    """Expressions for a built-in source."""

    def __init__(self, code: Code, row: Row) -> None:
        self.code = code
        self.row = row
        self.container = row.opener.container
        """The variable that holds what was opened: a dictionary, if the source has keys."""
        self.names = self.container
        """The keys that were sent."""
        self.every = row.opener.lists or self.container
        """A dictionary from keys to a value, or to a list of values."""
        self.decodes = row.decode is not None
        """Values are decoded before they are validated."""
        code.use(row.uses)

    def value(self, read: Read | Field, key: str, keeps_empty: bool, word: str) -> str:
        """The value of a key, or the list of its values."""
        literal = self.row.literal(key)
        if read.shape is not None and self.row.nested is not None:
            return self.row.nested.format(key=literal, shape=self.code.name(f"k_{word}_shape", read.shape))
        if read.many and self.row.many is not None:
            return self.row.many.format(key=literal)
        if keeps_empty and self.row.one_or_empty is not None:
            return self.row.one_or_empty.format(key=literal)
        return self.row.one.format(key=literal)

    def is_empty(self, raw: str) -> str:
        """The condition that a value counts as not sent, of a source that has empty values."""
        assert self.row.empty is not None
        return self.row.empty.format(raw=raw)

    def decoded(self, raw: str, several: bool) -> str:
        """The value, or the list of values, as it is validated."""
        if self.row.decode is None:
            return raw
        if several and not self.row.decodes_lists:
            return f"[{self.row.decode.format(raw='b_each')} for b_each in {raw}]"
        return self.row.decode.format(raw=raw)


class Called:
    """Expressions for a source that an application defines."""

    decodes = False

    def __init__(self, code: Code, source: Source) -> None:
        self.source = source
        self.object = code.name(f"s_{_word(source)}", source)
        self.container = code.local(source, f"c_{_word(source)}") if source.opens else "scope"
        self.names = f"{self.object}.names({self.container})"
        get = "getlist" if source.has_lists else "get"
        self.every = f"{{b_each: {self.object}.{get}({self.container}, b_each) for b_each in {self.names}}}"

    def value(self, read: Read | Field, key: str, keeps_empty: bool, word: str) -> str:  # noqa: ARG002 - as `Printed`
        method = "getlist" if read.many and self.source.has_lists else "get"
        return f"{self.object}.{method}({self.container}, {key!r})"

    def is_empty(self, raw: str) -> str:
        return f"{self.object}.is_empty({raw})"

    def decoded(self, raw: str, several: bool) -> str:  # noqa: ARG002
        return raw


def access(code: Code, source: Source) -> Printed | Called:
    """The expressions for a source."""
    return Printed(code, source) if isinstance(source, Row) else Called(code, source)


def _word(source: Source) -> str:
    return source.place if source.place.isidentifier() and source.place.isascii() else "source"


def emit_open(code: Code, step: Open, context: EmitContext) -> None:  # noqa: ARG001 - as all emit functions
    source = step.source
    if not isinstance(source, Row):
        at = Called(code, source)
        before = [access(code, each).container for each in source.after]
        wait = "await " if source.opens_async else ""
        code.add(f"{at.container} = {wait}{at.object}.open({', '.join(['scope', *before])})", source.place)
        return
    code.use(source.uses)
    if source.has_files:
        code.name("k_file_rules", dict(step.file_rules) or None)
        code.name("k_known_names", None if step.names is None else Names(step.names))
    if step.shared and source.opening_request is not None:
        code.add(source.opening_request)
    elif step.many and source.opening_lists is not None:
        code.add(source.opening_lists)
    else:
        code.add(source.opening)


def emit_starts(code: Code, opened: Sequence[Source]) -> None:
    """Initialize the variables that are read when the request ends."""
    for source in opened:
        if isinstance(source, Row):
            if source.starts:
                code.add(source.starts)
        elif source.overrides("close"):
            code.add(f"{access(code, source).container} = MISSING")


@contextmanager
def keeping_body(code: Code, opened: Sequence[Source], always: bool) -> Iterator[None]:
    """A block that, if it fails, leaves what was read of the body to exception handlers.

    `always`: the application has handlers that may read it, else only what is around the application may have some.
    """
    if not any(source is REQUEST or (isinstance(source, Row) and source.phase is Phase.BODY) for source in opened):
        yield
        return
    with code.block("try:"):
        yield
    # The variables, as a request would have to be made; `failed_request` does that for a handler that asks for it.
    keep = f"scope.setdefault({FAILED!r}, locals())"
    with code.block("except Exception:"):
        code.add(keep if always else f"if {HANDLERS!r} in scope:\n    {keep}")
        code.add("raise")


@contextmanager
def closing(code: Code, opened: Sequence[Source]) -> Iterator[None]:
    """Close the sources when the request ends, in reverse order."""
    printed = [source.closes for source in opened if isinstance(source, Row) and source.closes]
    with ExitStack() as ends:
        if printed:
            ends.enter_context(_finally(code, printed))
        for source in opened:
            if not isinstance(source, Row) and source.overrides("close"):
                ends.enter_context(_finally(code, [_close(code, source)]))
        yield


def _close(code: Code, source: Source) -> str:
    at = Called(code, source)
    call = f"{at.object}.close({at.container})"
    if source.closes_async:
        call = f"await {code.name('k_shielded', shielded)}({at.object}.close, {at.container})"
    return f"if {at.container} is not MISSING:\n    {call}"


@contextmanager
def _finally(code: Code, statements: Sequence[str]) -> Iterator[None]:
    with code.block("try:"):
        yield
    with code.block("finally:"):
        for each in statements:
            code.add(each)


async def shielded(close: Any, opened: Any) -> None:
    """Close what a source has opened, even if the client has disconnected."""
    with anyio.CancelScope(shield=True):
        await close(opened)

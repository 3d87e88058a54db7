"""The built-in sources, in the order in which they may claim an unmarked parameter. A new source is one line here."""

from signette.declarative.signature.markers import Marker
from signette.declarative.signature.model import Parameter
from signette.declarative.sources.body import BODY, RAW_BODY
from signette.declarative.sources.cookie import COOKIE
from signette.declarative.sources.form import CONTENT, FILE, FORM
from signette.declarative.sources.header import HEADER
from signette.declarative.sources.injected import (
    BACKGROUND,
    CACHE,
    CHANNEL,
    CONDITIONAL,
    CONNECTION,
    EXCHANGE,
    OPTIONAL_POLICY_VALUE,
    POLICY_VALUE,
    REQUEST,
    REQUIRED_CONDITIONAL,
    RESPONSE,
    SCOPES,
    SOCKET,
    WEBSOCKET,
)
from signette.declarative.sources.pages import PAGE_REQUEST
from signette.declarative.sources.parts import PARTS
from signette.declarative.sources.patch import JSON_PATCH, PATCH
from signette.declarative.sources.path import PATH
from signette.declarative.sources.provided import PROVIDED
from signette.declarative.sources.query import QUERY
from signette.declarative.sources.row import Row
from signette.declarative.sources.source import Source
from signette.declarative.sources.stream import STREAM

INJECTED: tuple[Row, ...] = (
    REQUEST, SOCKET, WEBSOCKET, CONNECTION, RESPONSE, BACKGROUND, SCOPES, CACHE, EXCHANGE, POLICY_VALUE,
    OPTIONAL_POLICY_VALUE, PROVIDED, CHANNEL, REQUIRED_CONDITIONAL, CONDITIONAL, PAGE_REQUEST,
)  # fmt: skip
SOURCES: tuple[Row, ...] = (
    *INJECTED, PATH, STREAM, PARTS, PATCH, JSON_PATCH, HEADER, COOKIE, CONTENT, FILE, FORM, QUERY, RAW_BODY, BODY,
)  # fmt: skip


_INJECTED_NAMES = frozenset(row.name for row in INJECTED)
_NOT_INJECTED: tuple[Row, ...] = SOURCES[len(INJECTED) :]
# The classes of most parameters. No row of `INJECTED` claims them: each claims by class.
_PLAIN = frozenset({None, bool, bytes, dict, float, int, list, str})


def is_injected(source: Source) -> bool:
    """Whether a source is one of `INJECTED`."""
    # PERF: `in` compares with each of the rows, which takes 2 us; it is asked five times for each parameter.
    return isinstance(source, Row) and source.name in _INJECTED_NAMES


def injected_source(parameter: Parameter) -> Row | None:
    """The row of `INJECTED` that claims a parameter."""
    # PERF: all rows are asked for the parameters of other classes only.
    if parameter.type.inner_cls in _PLAIN and parameter.type.cls in _PLAIN:
        return None
    return next((row for row in INJECTED if row.claims(parameter)), None)


def source_of_marker(marker: Marker, parameter: Parameter, sources: tuple[Source, ...] = SOURCES) -> Source | None:
    """The source of a marker. The nearest class of the marker decides, because `File` is a subclass of `Form`."""
    for cls in type(marker).__mro__:
        for row in sources:
            if row.marker is cls and row.accepts(parameter):
                return row
    return None


def claiming_source(
    parameter: Parameter, sources: tuple[Source, ...] = SOURCES, *, after_injected: bool = False
) -> Source | None:
    """The first source that claims an unmarked parameter. `after_injected`: no row of `INJECTED` claims it."""
    if after_injected and sources is SOURCES:
        sources = _NOT_INJECTED
    return next((row for row in sources if row.claims(parameter)), None)

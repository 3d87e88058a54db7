"""Path templates, compiled to a regular expression, a format, convertors and segments.

A single route matches a path with `fullmatch`. The index of routes matches segment by segment. A template has no
segments if a parameter before its end may match a `/`; the index then calls the `matches` of the route. A shape finds
routes with parameters at the same places by their literal segments.
"""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from functools import lru_cache
from operator import itemgetter
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from unicodedata import normalize

from signette.convertors import (
    CONVERTOR_TYPES,
    Convertor,
    FloatConvertor,
    IntegerConvertor,
    PathConvertor,
    StringConvertor,
    UUIDConvertor,
)
from signette.paths import escape_value, keep_on_host
from signette.routing.scanner import read_scanner

# `{name}` or `{name:convertor}`. Both are Python identifiers, in any script.
_PARAMETER = re.compile(r"{([^{}:/]+)(?::([^{}:/]+))?}")

_NAME = re.compile(r"\(\?P<\w+>")


_TEXTS = (StringConvertor, PathConvertor)

# The convertors that never match a `/`, so that one segment decides. Subclasses of these may match it.
_ONE_SEGMENT = (StringConvertor, IntegerConvertor, FloatConvertor, UUIDConvertor)

_BUILT_IN = (*_ONE_SEGMENT, PathConvertor)


class Match(Enum):
    """How a route matches a request. `PARTIAL`: everything but the method.

    A member equals the member of the same value of any other enum named `Match`, so tools that call `matches` may
    compare its result with the enum of their framework.

    Attributes:
        NONE: The route does not match.
        PARTIAL: It matches except for the method, and handles the request if no other route matches.
        FULL: It matches.
    """

    NONE = 0
    PARTIAL = 1
    FULL = 2

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Enum) and type(other).__name__ == "Match":
            return bool(self._value_ == other._value_)
        return NotImplemented

    # Of the name, as for every enum, so that equal members have equal hashes.
    __hash__ = Enum.__hash__


class NoMatchFound(Exception):
    """No route has this name and exactly these path parameters.

    Attributes:
        name: The name that was looked up.
        path_params: The path parameters that were passed.
    """

    def __init__(self, name: str, path_params: Mapping[str, Any]) -> None:
        self.name = name
        self.path_params = path_params
        # Not `super()`: a subclass may have the exception of another framework as its second base.
        Exception.__init__(self, f'No route exists for name "{name}" and params "{", ".join(path_params)}".')

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, dict(self.path_params))


class PathParameter(NamedTuple):
    """A parameter of a template: its name, the name of its convertor, and its position in the template."""

    name: str
    kind: str
    start: int
    stop: int


# PERF: cached, because a route, its plan and its operation in the OpenAPI document read the same template 12 times.
@lru_cache(maxsize=1024)
def parameters_in(template: str) -> tuple[PathParameter, ...]:
    """The parameters of a template, in order.

    Names are normalized to NFKC, as Python does with identifiers, so that they equal the names of function parameters.
    """
    return tuple(
        PathParameter(normalize("NFKC", found[1]), found[2] or "str", *found.span())
        for found in _PARAMETER.finditer(template)
        if found[1].isidentifier() and (found[2] is None or found[2].isidentifier())
    )


def replace_parameters(template: str, show: Callable[[PathParameter], str]) -> str:
    """Replace each parameter of a template by the text that `show` returns for it."""
    pieces, end = [], 0
    for parameter in parameters_in(template):
        pieces += [template[end : parameter.start], show(parameter)]
        end = parameter.stop
    return "".join([*pieces, template[end:]])


def without_convertors(template: str) -> str:
    """Remove the convertors of a template: `/items/{n:int}` -> `/items/{n}`."""
    return replace_parameters(template, lambda parameter: f"{{{parameter.name}}}")


class Fit(Protocol):
    """The result of a match: the parameters before conversion. `re.Match` is one."""

    def __getitem__(self, name: str, /) -> str | Any: ...

    def groupdict(self) -> dict[str, str | Any]:
        """The parameters by name, in the order of the template."""


class Segment(NamedTuple):
    """The part of a template between two slashes.

    A literal segment has `text` only. A segment with parameters has `check`, which matches a segment of a path; None
    matches every non-empty segment. `whole`: its only parameter is the whole segment. A `tail` matches the rest of the
    path, slashes included.
    """

    text: str | None = None
    check: Callable[[str], Fit | None] | None = None
    pattern: str = ""
    whole: bool = False
    tail: bool = False


class Template:
    """A compiled path template. `segments` is None if it cannot be matched segment by segment.

    The expression is compiled at its first use, because the index of routes does not need it.
    """

    __slots__ = ("_flags", "_fullmatch", "_regex", "_text", "convertors", "format", "path", "segments")

    def __init__(
        self,
        path: str,
        text: str,
        form: str,
        convertors: dict[str, Convertor[Any]],
        segments: tuple[Segment, ...] | None,
        flags: re.RegexFlag = re.NOFLAG,
    ) -> None:
        """`text` is what the expression matches: the path, or a host without its port."""
        self.path = path
        self.format = form
        self.convertors = convertors
        self.segments = segments
        self._text = text
        self._flags = flags
        self._regex: re.Pattern[str] | None = None
        self._fullmatch: Callable[[str], Fit | None] | None = None
        if not all(type(one) in _BUILT_IN for one in convertors.values()):
            _ = self.regex  # the expression of a user's convertor may be invalid: an error where the route is made

    @property
    def regex(self) -> re.Pattern[str]:
        """The template as a regular expression, with a named group for each parameter."""
        if self._regex is None:
            self._regex = re.compile(f"^{_expression(self._text, self.convertors)}$", self._flags)
        return self._regex

    @property
    def fullmatch(self) -> Callable[[str], Fit | None]:
        """Returns the same values as `regex.fullmatch`, in time linear in the length of the path."""
        if self._fullmatch is None:
            self._fullmatch = _matcher(self._text, self.convertors, self.regex)
        return self._fullmatch

    def conversions(self) -> tuple[tuple[str, Callable[[str], Any] | None], ...]:
        """The parameters in order, each with its convert function. None if the value is the string itself."""
        return tuple((name, None if type(one) in _TEXTS else one.convert) for name, one in self.convertors.items())


def read_template(path: str) -> Template:
    """Compile and check the template of a path."""
    form, convertors = _read(path, path)
    segments = tuple(_read_segment(piece, convertors) for piece in path.split("/"))
    tails = [place for place, segment in enumerate(segments) if segment is None or segment.tail]
    plain = not tails or (tails == [len(segments) - 1] and segments[-1] is not None)
    shown = tuple(segment for segment in segments if segment is not None) if plain else None
    return Template(path, path, form, convertors, shown)


def read_path(path: str) -> Template:
    """Compile the template of a path that begins with `/`.

    Raises:
        ValueError: two parameters have the same name.
        AssertionError: the path does not begin with `/`, or has an unknown convertor.
    """
    assert path.startswith("/"), "Routed paths must start with '/'"
    return read_template(path)


def compile_path(path: str) -> tuple[re.Pattern[str], str, dict[str, Convertor[Any]]]:
    """The regular expression, format and convertors of `/users/{name}/{id:int}` (or of a host, without its port).

    Use `fullmatch`, because `$` also matches before a newline at the end.
    """
    template = read_template(path) if path.startswith("/") else read_host(path)
    return template.regex, template.format, template.convertors


def read_host(host: str) -> Template:
    """Compile the template of a host. Letter case and port are ignored."""
    # The port follows a colon outside of brackets and parameters. `[::1]` has no port.
    bare = replace_parameters(host, lambda parameter: "x" * (parameter.stop - parameter.start))
    end = bare.rfind(":")
    has_port = end > bare.rfind("]") and (bare.count(":") == 1 or "]" in bare)
    name = host[:end] if has_port else host
    _, convertors = _read(name, host)
    return Template(host, name, without_convertors(host), convertors, None, re.IGNORECASE)


def _read(template: str, whole: str) -> tuple[str, dict[str, Convertor[Any]]]:
    """The format and the convertors of a template."""
    convertors: dict[str, Convertor[Any]] = {}
    twice = set()
    for parameter in parameters_in(template):
        # Starlette raises AssertionError too.
        assert parameter.kind in CONVERTOR_TYPES, f"Unknown path convertor '{parameter.kind}'"
        if parameter.name in convertors:
            twice.add(parameter.name)
        convertors[parameter.name] = CONVERTOR_TYPES[parameter.kind]
    if twice:
        names, ending = ", ".join(sorted(twice)), "s" if len(twice) > 1 else ""
        raise ValueError(f"Duplicated param name{ending} {names} at path {whole}")
    return without_convertors(template), convertors


def _expression(template: str, convertors: Mapping[str, Convertor[Any]]) -> str:
    """The regular expression of a template, with a named group for each parameter."""
    parts, names = _split(template)
    groups = [f"(?P<{name}>{convertors[name].regex})" for name in names]
    return "".join(re.escape(text) + group for text, group in zip(parts, [*groups, ""], strict=True))


def _matcher(
    template: str, convertors: Mapping[str, Convertor[Any]], regex: re.Pattern[str]
) -> Callable[[str], Fit | None]:
    """The match function of a template: that of the expression, or of a scanner if the expression may backtrack."""
    parts, names = _split(template)
    scanner = read_scanner(regex, parts, names, [convertors[name].regex for name in names])
    return regex.fullmatch if scanner is None else scanner.fullmatch


def _split(template: str) -> tuple[list[str], list[str]]:
    """The literal parts around the parameters, and the names of the parameters."""
    parts, names, end = [], [], 0
    for parameter in parameters_in(template):
        parts.append(template[end : parameter.start])
        names.append(parameter.name)
        end = parameter.stop
    return [*parts, template[end:]], names


def _read_segment(piece: str, convertors: Mapping[str, Convertor[Any]]) -> Segment | None:
    """Compile a segment. None if a parameter in it may match a `/`."""
    found = parameters_in(piece)
    if not found:
        return Segment(text=piece)
    kinds = [type(convertors[one.name]) for one in found]
    whole = len(found) == 1 and found[0].stop - found[0].start == len(piece)
    if whole and kinds == [PathConvertor]:
        return Segment(tail=True)
    if not all(kind in _ONE_SEGMENT for kind in kinds):
        return None
    if whole and kinds == [StringConvertor]:
        return Segment(whole=True)
    expression = _expression(piece, convertors)
    check = _matcher(piece, convertors, re.compile(expression))
    return Segment(check=check, pattern=_NAME.sub("(", expression), whole=whole)


def replace_params(
    path: str, convertors: Mapping[str, Convertor[Any]], params: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Fill the format with percent-encoded parameters. Returns the path and the remaining parameters."""
    rest = dict(params)
    values = {name: _written(convertors[name], rest.pop(name)) for name in params if name in convertors}
    return keep_on_host(fill_format(path, values)), rest


def fill_format(form: str, texts: Mapping[str, str]) -> str:
    """Fill the format with these texts. Other parameters stay, and a text like `{another}` is not filled."""
    return replace_parameters(form, lambda parameter: texts.get(parameter.name, f"{{{parameter.name}}}"))


def _written(convertor: Convertor[Any], value: Any) -> str:
    """A value, percent-encoded for a path. A slash is escaped too, unless the convertor matches it."""
    text = convertor.to_string(value)
    escaped = escape_value(text)
    if "/" in text and re.fullmatch(convertor.regex, text) is None:
        return escaped.replace("/", "%2F")
    return escaped


def get_name(endpoint: Callable[..., Any]) -> str:
    """The default name of a route: the name of the endpoint, or of its class."""
    return str(getattr(endpoint, "__name__", type(endpoint).__name__))


Found = TypeVar("Found")


class Shape(Generic[Found]):
    """Routes with parameters at the same places: what is found by the literal segments, then by method.

    PERF: one look at a dictionary takes a third of a walk.
    """

    __slots__ = ("_count", "handlers", "literals", "parameters", "places")

    def __init__(self, places: tuple[int, ...], count: int) -> None:
        self.places = places
        self._count = count
        others = [place for place in range(count) if place not in places]  # the first one is the empty segment
        self.literals: Callable[[list[str]], Any] = itemgetter(*others)
        self.parameters: Callable[[list[str]], tuple[str, ...]] = _values_at(places)
        self.handlers: dict[Any, dict[str, Found]] = {}

    def fits(self, path: str, key: Any) -> bool:
        """Whether a path has these literal segments."""
        segments = path.split("/")
        return len(segments) == self._count and self.literals(segments) == key


def shape_of(shapes: dict[int, list[Shape[Found]]], places: tuple[int, ...], count: int) -> Shape[Found]:
    """The shape with parameters at these places, which is added if it is not there."""
    found = shapes.setdefault(count, [])
    for shape in found:
        if shape.places == places:
            return shape
    found.append(Shape(places, count))
    return found[-1]


def _values_at(places: tuple[int, ...]) -> Callable[[list[str]], tuple[str, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    only = places[0]
    return lambda segments: (segments[only],)

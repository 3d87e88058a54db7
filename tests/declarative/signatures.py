"""Random signatures, as the text of functions that note how they were called, and random requests to go with them."""

import enum
from dataclasses import InitVar, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import quote_plus
from uuid import UUID

from hypothesis import strategies as st
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, model_validator

from signette.background import BackgroundTasks
from signette.channels import Channel, Topic
from signette.datastructures.upload import UploadFile
from signette.declarative.signature.marker_functions import Depends, Security
from signette.declarative.signature.markers import Body, Cookie, File, Form, Header, Path, Query
from signette.requests import HTTPConnection, Request
from signette.responses.plain import Response


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Page(BaseModel):
    """Single texts only, nothing renamed: a source's own dictionary serves."""

    limit: int = 10
    sort: Literal["up", "down"] = "up"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int
    tags: list[str] = []


class Open(BaseModel):
    model_config = ConfigDict(extra="allow", populate_by_name=True)
    first_name: str = Field("?", alias="firstName")
    level: int = Field(validation_alias=AliasChoices("lvl", "l"))


@dataclass
class Point:
    x: float
    y: float = 0.0


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["dog"]
    bark: str


class Nth(BaseModel):
    first: int = Field(validation_alias=AliasPath("each", 0))
    second: int = Field(0, validation_alias=AliasChoices("second", AliasPath("each", 1)))


class Renamed(BaseModel):
    """Given all that no one else reads."""

    a: int = 1
    tags: list[str] = []

    @model_validator(mode="before")
    @classmethod
    def old_name(cls, data: dict[str, Any]) -> dict[str, Any]:
        rest = sorted(name for name in data if name not in ("a", "tags"))
        return {"tags": [*rest, *data.get("tags", ())], "a": data.get("old", data.get("a", 7))}


class One(BaseModel):
    kind: Literal["one"] = "one"
    tags: str = "none"


@dataclass
class Seeded:
    seed: InitVar[Annotated[int, Field(alias="from")]]
    made: int = field(default=0, init=False)

    def __post_init__(self, seed: int) -> None:
        self.made = seed + 1


class Deep(BaseModel):
    at: Point | None = None
    pages: list[Page] = []
    rest: dict[str, int] = {}
    below: "Deep | None" = None


class Flat(BaseModel):
    at: Point
    ids: Annotated[list[int], Query(style="form", explode=False)] = []


class Item(BaseModel):
    name: str = Field(min_length=1)
    price: Decimal | None = None
    parts: list[Page] = []


class Upload(BaseModel):
    file: UploadFile | None = None
    note: str = "none"


# (annotation's text, texts that mostly fit it)
SCALARS = [
    ("int", ["3", "-1", "007"]),
    ("float", ["1.5", "inf", "2"]),
    ("str", ["a", "a b", "é"]),
    ("bool", ["true", "off", "1"]),
    ("UUID", ["12345678-1234-5678-1234-567812345678"]),
    ("date", ["2024-02-29"]),
    ("Decimal", ["1.10", "1e3"]),
    ("Color", ["red", "blue"]),
    ("Literal['a', 'b']", ["a", "b"]),
    ("str | None", ["a", ""]),
    ("int | None", ["3"]),
    ("int | str", ["3", "a"]),
    ("Any", ["a"]),
]
LISTS = [
    ("list[int]", ["1", "2"]),
    ("list[str] | None", ["a", ""]),
    ("tuple[int, ...]", ["4"]),
    ("set[Color]", ["red"]),
]
BOUNDS = {"int": "ge=0, le=5", "str": "min_length=2, pattern='^a'", "Decimal": "max_digits=2", "float": "gt=1"}
DEFAULTS = {"int": "7", "str": "'d'", "bool": "True", "float": "0.5", "list[int]": "[1]", "Color": "Color.RED"}
MODELS = [
    ("Page", {"limit": ["3"], "sort": ["up", "down"]}),
    ("Strict", {"a": ["1"], "tags": ["x", "y"]}),
    ("Open", {"firstName": ["Al"], "first_name": ["Bo"], "lvl": ["1"], "l": ["2"], "else": ["z"]}),
    ("Point", {"x": ["1"], "y": ["2.5"]}),
    ("Cat | Dog", {"kind": ["cat", "dog"], "bark": ["loud"], "lives": ["3"]}),
    ("Renamed", {"old": ["1"], "a": ["2"], "tags": ["x", "y"], "else": ["z"]}),
    ("Seeded", {"from": ["1"], "seed": ["2"], "made": ["3"]}),
    ("One | Strict", {"kind": ["one"], "tags": ["x", ""], "a": ["1"]}),
    ("Nth", {"each": ["1", "2"], "second": ["3"]}),
]
DEEP = {
    "at[x]": ["1"], "at[y]": ["2"], "pages[0][limit]": ["3"], "pages[7][sort]": ["up"], "rest[k]": ["5"], "rest": ["x"],
    "below[at][x]": ["4"], "below[below][rest][a]": ["6"], "pages[]": ["x"], "at[x][z]": ["1"], "at[": ["1"],
}  # fmt: skip
FLAT = {"at[x]": ["1"], "at[y]": ["1"], "ids": ["1,2", "", "3"], "at": ["x"]}
STYLED = [
    ("Annotated[list[int], Query(style='form', explode=False)]", "query", ["1,2", "", "3", "1,,2"]),
    ("Annotated[set[str] | None, Query(style='pipeDelimited')]", "query", ["a|b", "a"]),
    ("Annotated[list[int], Header(style='simple')]", "header", ["1, 2", "3"]),
    ("Annotated[tuple[int, ...], Cookie(explode=False)]", "cookie", ["1,2", ""]),
]
JUNK = ["", "abc", "%zz", "null", "-0", "1e999", "٣", "a&b=c;d", "\x00", "9" * 30]
BODIES = [
    ("Item", ['{"name": "n", "price": 1.5}', '{"name": ""}', '{"name": "n", "parts": [{"limit": "x"}]}']),
    ("Item | None", ["null", '{"name": "n"}']),
    ("Point", ['{"x": 1}', '{"x": 1, "y": "no"}']),
    ("list[int]", ["[1, 2]", "[1, null]"]),
    ("dict[str, Page]", ['{"a/b~c": {"limit": "x"}}', '{"a": {}}']),
    ("int", ["3", '"3"', "3.5"]),
    ("str", ['"text"', "3"]),
    ("Any", ["[null]", "{}"]),
    ("bytes", ["raw"]),
]
NAMES = ["a", "b", "limit", "x_id", "query", "body", "errors", "form", "scope", "result", "make", "headers"]
# What the texts may name.
NAMESPACE: dict[str, Any] = {"date": date, "Literal": Literal, "Any": Any, "Annotated": Annotated} | {
    each.__name__: each
    for each in (
        *(
            Color,
            Page,
            Strict,
            Open,
            Point,
            Cat,
            Dog,
            Renamed,
            Seeded,
            One,
            Nth,
            Deep,
            Flat,
            Item,
            Upload,
            UUID,
            Decimal,
        ),
        *(AliasChoices,),
        *(Path, Query, Header, Cookie, Body, Form, File, Depends, Security),
        *(Request, HTTPConnection, Response, BackgroundTasks, UploadFile, Channel, Topic),
    )
}


@dataclass
class Written:
    """Functions in the making: their text, and what may be sent to them."""

    functions: list[str] = field(default_factory=list)
    query: dict[str, list[str]] = field(default_factory=dict)
    header: dict[str, list[str]] = field(default_factory=dict)
    cookie: dict[str, list[str]] = field(default_factory=dict)
    form: dict[str, list[str]] = field(default_factory=dict)
    body: list[str] = field(default_factory=list)
    keyed: dict[str, list[str]] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    """What stands in `dependencies=`."""

    @property
    def text(self) -> str:
        return "\n\n".join([*self.functions, f"entries = [{', '.join(self.entries)}]"])


@dataclass
class Sent:
    """A request."""

    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes
    values: list[str]


@st.composite
def signatures(draw: st.DrawFn) -> Written:
    """The text of an endpoint named `endpoint` and of its dependencies."""
    written = Written()
    kind = draw(st.sampled_from(["", "", "json", "keyed", "form", "parts", "raw"]))
    count = draw(st.integers(0, 3))
    for number in range(count):
        _function(draw, written, f"{draw(st.sampled_from(['dep', 'make', 'query', 'app']))}_{number}", number, "")
    for number in draw(st.lists(st.integers(0, count - 1), max_size=2)) if count else []:
        written.entries.append(_depends(draw, _name_of(written, number)))
    _function(draw, written, "endpoint", count, kind)
    return written


def _function(draw: st.DrawFn, written: Written, name: str, below: int, kind: str) -> None:
    """One function, with its parameters, that may depend on each of those written before it."""
    names = iter(draw(st.permutations(NAMES)))
    of_app = name.startswith("app_")  # it may ask for its like alone
    heads = [_head(draw, written, next(names)) for _ in range(0 if of_app else draw(st.integers(0, 3)))]
    known = [each for each in range(below) if not of_app or _name_of(written, each).startswith("app_")]
    heads += [_dependency_argument(draw, written, next(names), each) for each in known if draw(st.booleans())]
    if name == "endpoint":
        heads += _body(draw, written, names, kind)
        if draw(st.booleans()):
            heads.append(_path(draw, written, next(names)))
    star = draw(st.sampled_from(["*, ", ""])) if heads else ""
    if not star:
        heads.sort(key=lambda parameter: " = " in parameter)
    how = draw(st.sampled_from(["async def", "def", "async def yields", "def yields"]))
    if name == "endpoint" or "yields" not in how:
        ends = "return recorded" if name == "endpoint" else "return Recorded(recorded)"
    else:
        ends = f"try:\n        yield Recorded(recorded)\n    finally:\n        note('leave', {name!r}, '')"
    result = " -> dict[str, Any]" if name == "endpoint" else ""
    written.functions.append(
        f"{how.removesuffix(' yields')} {name}({star}{', '.join(heads)}){result}:\n"
        f"    recorded = note('enter', {name!r}, dict(locals()))\n"
        f"    {ends}"
    )


def _dependency_argument(draw: st.DrawFn, written: Written, name: str, number: int) -> str:
    return f"{name}: Annotated[Any, {_depends(draw, _name_of(written, number))}]"


def _depends(draw: st.DrawFn, function: str) -> str:
    ways = ["Depends({})", "Depends({}, use_cache=False)", "Security({})", "Depends({}, scope='function')",
            "Depends({}, max_concurrency=1)", "Depends({}, scope='function', max_concurrency=1)"]  # fmt: skip
    how = draw(st.sampled_from(["Depends({}, scope='app')"] if function.startswith("app_") else ways))
    return how.format(function)


def _name_of(written: Written, number: int) -> str:
    return written.functions[number].partition("(")[0].rpartition(" ")[2]


def _topic(written: Written) -> str:
    """A channel whose topic has the path parameter, if there is one."""
    return f"Annotated[Channel[int], Topic('of/{{{written.path[0]}}}')]" if written.path else "Channel[str]"


def _head(draw: st.DrawFn, written: Written, name: str) -> str:
    marker = draw(st.sampled_from(["Query", "Header", "Cookie", "", "injected"]))
    if marker == "injected":
        injected = draw(
            st.sampled_from(
                ["Request", "Response", "BackgroundTasks", "HTTPConnection", "Channel[int]", _topic(written)]
            )
        )
        return f"{name}: {injected}"
    if marker and draw(st.integers(0, 5)) == 0:
        return _styled(draw, written, name)
    place = marker.lower() or "query"
    if marker and draw(st.integers(0, 3)) == 0:
        return _model(draw, written, name, marker)
    lists = [] if place == "cookie" or not marker else LISTS
    annotation, texts = draw(st.sampled_from(SCALARS + lists))
    wire = name.replace("_", "-") if place == "header" else name
    options = []
    if draw(st.integers(0, 3)) == 0 and marker:
        wire = f"{name}-alias"
        options.append(draw(st.sampled_from([f"alias={wire!r}", f"validation_alias=AliasChoices({wire!r}, 'other')"])))
        getattr(written, place)["other"] = texts
    getattr(written, place)[wire] = texts
    return _spelled(draw, name, annotation, marker, options)


def _styled(draw: st.DrawFn, written: Written, name: str) -> str:
    """Lists in one text, and names with brackets."""
    if draw(st.booleans()):
        written.query |= {f"{name}[at][x]": ["1"], f"{name}[ids]": ["1", "x"], f"{name}[ids][]": ["2"], name: ["x"]}
        return f"{name}: Annotated[Flat | None, Query(style='deepObject')] = None"
    annotation, place, texts = draw(st.sampled_from(STYLED))
    getattr(written, place)[name.replace("_", "-") if place == "header" else name] = texts
    return f"{name}: {annotation}{draw(st.sampled_from(['', ' = None']))}"


def _spelled(draw: st.DrawFn, name: str, annotation: str, marker: str, options: list[str]) -> str:
    """A parameter as people write it, with limits and a default as they come."""
    if annotation in BOUNDS and marker and draw(st.booleans()):
        options.append(BOUNDS[annotation])
    default = ""
    if draw(st.booleans()):
        default = f" = {DEFAULTS.get(annotation, 'None')}"
    elif marker and draw(st.integers(0, 3)) == 0:
        options.append("default_factory=lambda: 'made'")
    if not marker:
        return f"{name}: {annotation}{default}"
    if draw(st.booleans()) and not any("default_factory" in each for each in options):
        first = [default.removeprefix(" = ")] if default else []
        return f"{name}: {annotation} = {marker}({', '.join(first + options)})"
    return f"{name}: Annotated[{annotation}, {marker}({', '.join(options)})]{default}"


def _model(draw: st.DrawFn, written: Written, name: str, marker: str) -> str:
    if marker == "Form" and draw(st.booleans()):
        written.form |= DEEP
        return f"{name}: Annotated[Deep, Form({draw(st.sampled_from(['', 'allow_empty=True']))})]"
    if marker == "Query" and draw(st.integers(0, 3)) == 0:
        written.query |= FLAT
        return f"{name}: Annotated[Flat, Query()]"
    model, fields = draw(
        st.sampled_from(MODELS if marker != "Cookie" else [each for each in MODELS if each[0] not in ("Strict", "Nth")])
    )
    for wire, texts in fields.items():
        spelling = wire.lower().replace("_", "-") if marker == "Header" else wire
        getattr(written, marker.lower())[spelling] = texts
    optional = draw(st.booleans())
    return f"{name}: Annotated[{model}{' | None' * optional}, {marker}()]{' = None' * optional}"


def _path(draw: st.DrawFn, written: Written, name: str) -> str:
    annotation, texts = draw(st.sampled_from([each for each in SCALARS if each[0] != "str | None"]))
    written.path.append(name)
    written.path += texts
    bound = f"Path({BOUNDS[annotation]})" if annotation in BOUNDS and draw(st.booleans()) else "Path()"
    return f"{name}: Annotated[{annotation}, {bound}]"


def _body(draw: st.DrawFn, written: Written, names: Any, kind: str) -> list[str]:
    if kind == "raw":
        written.body += ["raw", ""]
        return [f"{next(names)}: Annotated[bytes, Body({draw(st.sampled_from(['', 'max_length=2']))})]"]
    if kind == "json":
        annotation, texts = draw(st.sampled_from(BODIES))
        written.body += texts
        default = draw(st.sampled_from(["", " = None"]))
        return [f"{next(names)}: Annotated[{annotation}, Body()]{default}"]
    if kind == "keyed":
        parts = []
        for _ in range(draw(st.integers(1, 3))):
            annotation, texts = draw(st.sampled_from(BODIES[:-1]))
            name = next(names)
            written.keyed[name] = texts
            parts.append(f"{name}: Annotated[{annotation}, Body(embed=True)]" + draw(st.sampled_from(["", " = None"])))
        return parts
    if kind == "parts":
        parts = []
        for _ in range(draw(st.integers(1, 2))):
            annotation, texts = draw(st.sampled_from(BODIES[:-1]))
            name = next(names)
            written.form[name] = [*texts, "{"]
            parts.append(f"{name}: Annotated[{annotation}, Body()]" + draw(st.sampled_from(["", " = None"])))
        return [*parts, _form(draw, written, next(names))]
    if kind == "form":
        return [_form(draw, written, next(names)) for _ in range(draw(st.integers(1, 3)))]
    return []


def _form(draw: st.DrawFn, written: Written, name: str) -> str:
    what = draw(st.sampled_from(["scalar", "model", "file", "upload model"]))
    if what == "model":
        return _model(draw, written, name, "Form")
    if what == "upload model":
        written.form |= {"file": ["<file>"], "note": ["n"]}
        return f"{name}: Annotated[Upload, Form({draw(st.sampled_from(['', 'allow_empty=True']))})]"
    if what == "file":
        written.form[name] = ["<file>", "<blank>"]
        annotation = draw(
            st.sampled_from(
                ["UploadFile", "list[UploadFile]", "Annotated[bytes, File()]", "Annotated[list[bytes], File()]"]
            )
        )
        optional = draw(st.sampled_from(["", " | None = None"])) if "Annotated" not in annotation else ""
        return f"{name}: {annotation}{optional}"
    annotation, texts = draw(st.sampled_from(SCALARS + LISTS))
    written.form[name] = texts
    keeps = draw(st.sampled_from([[], ["allow_empty=True"]]))
    return _spelled(draw, name, annotation, "Form", keeps)


# -- requests ----------------------------------------------------------------------------------------------------------


@st.composite
def requests(draw: st.DrawFn, written: Written) -> Sent:
    """A request that often fits, and is often wrong in one place or in many."""
    query = _query(draw, _pairs(draw, written.query))
    headers = [
        (name.lower().encode(), text.encode("utf-8", "replace").replace(b"\x00", b""))
        for name, text in _pairs(draw, written.header)
    ]
    cookies = "; ".join(f"{name}={text.replace(';', '')}" for name, text in _pairs(draw, written.cookie))
    if cookies:
        headers.append((b"cookie", cookies.encode("utf-8")))
    media_type, body = _content(draw, written)
    if media_type is not None:
        headers.append((b"content-type", media_type.encode()))
    texts = written.path[1:] + JUNK[1:]
    return Sent(query, draw(st.permutations(headers)), body, [draw(st.sampled_from(texts))] if written.path else [])


def _pairs(draw: st.DrawFn, known: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Names with texts: most of them there, once, and well."""
    found = [
        (name, draw(st.sampled_from(texts * 15 + JUNK)))
        for name, texts in known.items()
        for _ in range(draw(st.sampled_from([1, 1, 1, 1, 0, 2])))
    ]
    return found + [("unasked", "1")] * draw(st.sampled_from([0, 0, 0, 1]))


def _query(draw: st.DrawFn, pairs: list[tuple[str, str]]) -> bytes:
    spelled = [
        f"{name}={quote_plus(text) if draw(st.booleans()) else text.replace('&', '')}".encode() for name, text in pairs
    ]
    return b"&".join(spelled) + draw(st.sampled_from([b"", b"", b"&", b"&a", b"&x_id=\xff", b"&limit=%e9+%"]))


def _content(draw: st.DrawFn, written: Written) -> tuple[str | None, bytes]:
    if draw(st.integers(0, 9)) == 0:  # anything
        media_type = draw(st.sampled_from([None, "text/plain", "application/json", "multipart/form-data"]))
        return media_type, draw(st.sampled_from([b"", b"{", b"\xff", b"[]", b"a=1"]))
    if written.form:
        pairs = _pairs(draw, written.form)
        if draw(st.booleans()):
            return "multipart/form-data; boundary=cut", _multipart(pairs)
        return "application/x-www-form-urlencoded", _query(draw, pairs)
    media_type = draw(st.sampled_from(["application/json"] * 4 + ["application/hal+json; charset=utf-8"]))
    if written.keyed:
        members = [f'"{name}": {draw(st.sampled_from(texts))}' for name, texts in written.keyed.items()]
        return media_type, ("{" + ", ".join(members[draw(st.sampled_from([0, 0, 0, 1])) :]) + "}").encode()
    if written.body:
        return media_type, draw(st.sampled_from(written.body)).encode()
    return None, b""


def _multipart(pairs: list[tuple[str, str]]) -> bytes:
    """A form of parts, RFC 7578; `<file>` and `<blank>` are files, the second one left alone."""
    parts = []
    for name, text in pairs:
        file_name = {"<file>": '; filename="f.txt"', "<blank>": '; filename=""'}.get(text, "")
        content = "" if text == "<blank>" else text
        parts.append(f'--cut\r\nContent-Disposition: form-data; name="{name}"{file_name}\r\n\r\n{content}\r\n')
    return ("".join(parts) + "--cut--\r\n").encode()

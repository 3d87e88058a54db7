"""Data structures by direct calls: a program makes a value and does things to it, and each outcome is a text."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.differential.names import Names


@dataclass(frozen=True)
class Step:
    """`value.verb(*args, **named)`, or one of the words in WORDS."""

    verb: str
    args: tuple[Any, ...] = ()
    named: tuple[tuple[str, Any], ...] = ()

    def __repr__(self) -> str:
        return f"{self.verb}({', '.join([*map(repr, self.args), *(f'{key}={value!r}' for key, value in self.named)])})"


@dataclass(frozen=True)
class Program:
    """`kind` is made with the first step's arguments, then the other steps follow."""

    kind: str
    start: Step
    steps: tuple[Step, ...] = ()


@dataclass
class Outcomes:
    """What each step gave."""

    outcomes: dict[str, str]

    def facts(self) -> dict[str, str]:
        return self.outcomes


WORDS: dict[str, Callable[..., Any]] = {
    "str": str,
    "repr": repr,
    "len": len,
    "list": list,
    "bool": bool,
    "in": lambda value, key: key in value,
    "item": lambda value, key: value[key],
    "set": lambda value, key, new: value.__setitem__(key, new),
    "delete": lambda value, key: value.__delitem__(key),
    "attribute": getattr,
    "set attribute": setattr,
    "delete attribute": delattr,
    "equals": lambda value, other: value == other,
    "or": lambda value, other: value | other,
    "call": lambda value, *args, **named: value(*args, **named),
}


def run(names: Names, program: Program) -> Outcomes:
    """Each step's outcome, and what the value is after it."""
    outcomes: dict[str, str] = {}
    try:
        value = _make(names, program)
    except Exception as exc:  # noqa: BLE001 - compared with the other side's
        return Outcomes({repr(program.start): f"raises {_raised(exc)}"})
    for place, step in enumerate(program.steps):
        try:
            act = WORDS.get(step.verb)
            found = (
                getattr(value, step.verb)(*step.args, **dict(step.named))
                if act is None
                else act(value, *step.args, **dict(step.named))
            )
            outcomes[f"{place}: {step}"] = _describe(found)
        except Exception as exc:  # noqa: BLE001 - compared with the other side's
            outcomes[f"{place}: {step}"] = f"raises {_raised(exc)}"
        if hasattr(value, "multi_items") or hasattr(value, "raw"):
            outcomes[f"{place}: {step}: then"] = _describe(value)
    return Outcomes(outcomes)


def _make(names: Names, program: Program) -> Any:
    args, named = (
        deepcopy(program.start.args),
        dict(program.start.named),
    )  # a `State` is the dictionary that it is given
    if program.kind == "Config":
        environ, prefix = args
        return names.Config(environ=dict(environ), env_prefix=prefix)
    return getattr(names, program.kind)(*args, **named)


def _raised(exc: Exception) -> str:
    """Its family: the toolkits may have their own subclasses of it."""
    families = (KeyError, IndexError, AttributeError, TypeError, ValueError, AssertionError, RuntimeError)
    return next((family.__name__ for family in families if isinstance(exc, family)), type(exc).__name__)


def _describe(found: Any) -> str:
    if isinstance(found, Iterator) or type(found).__name__ in {"dict_keys", "dict_values", "dict_items"}:
        return f"[{', '.join(map(_describe, found))}]"
    if isinstance(found, dict | list | tuple | str | bytes | int | float | type(None)):
        return repr(found)
    pairs = sorted(found.multi_items()) if hasattr(found, "multi_items") else list(getattr(found, "raw", ()))
    return f"{found!r} {pairs}"


KEYS = st.sampled_from(["a", "b", "A", "c", ""])
TEXTS = st.one_of(
    st.sampled_from(["1", "2", "", "é", "x y", "a=b&c"]), st.text(st.characters(codec="utf-8"), max_size=4)
)
PAIRS = st.lists(st.tuples(KEYS, TEXTS), max_size=4)
DICTS = st.dictionaries(KEYS, TEXTS, max_size=3)


def step(verb: str, *args: st.SearchStrategy[Any], **named: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    options = st.fixed_dictionaries({}, optional=named).map(lambda found: tuple(found.items()))
    return st.builds(Step, st.just(verb), st.tuples(*args), options)


def start(*args: st.SearchStrategy[Any], **named: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return step("make", *args, **named)


_READ = [
    step("item", KEYS),
    step("get", KEYS),
    step("get", KEYS, TEXTS),
    step("in", KEYS),
    *(step(verb) for verb in ("len", "list", "keys", "values", "items")),
]
_MULTI = [*_READ, step("getlist", KEYS), step("multi_items"), step("repr")]
_MUTABLE = [
    step("set", KEYS, TEXTS),
    step("delete", KEYS),
    step("pop", KEYS),
    step("pop", KEYS, TEXTS),
    step("popitem"),
    step("poplist", KEYS),
    step("clear"),
    step("setdefault", KEYS, TEXTS),
    step("setlist", KEYS, st.lists(TEXTS, max_size=2)),
    step("append", KEYS, TEXTS),
    step("update", st.one_of(PAIRS, DICTS)),
    step("update", PAIRS, a=TEXTS),
]
_NAMES = st.sampled_from(["a", "x-b", "X-B", "vary", "content-type"])
_VALUES = st.sampled_from(["1", "a, b", "é", "", "*", "accept"])
_FIELDS = [
    step("item", _NAMES),
    step("get", _NAMES, _VALUES),
    step("in", _NAMES),
    step("getlist", _NAMES),
    step("mutablecopy"),
    *(step(verb) for verb in ("len", "list", "keys", "values", "items", "repr")),
    step("attribute", st.just("raw")),
]
_SET_FIELDS = [
    step("set", _NAMES, _VALUES),
    step("set", _NAMES, st.just("a\r\nb")),
    step("delete", _NAMES),
    step("setdefault", _NAMES, _VALUES),
    step("update", st.dictionaries(_NAMES, _VALUES, max_size=2)),
    step("append", _NAMES, _VALUES),
    step("add_vary_header", st.sampled_from(["accept", "Accept-Encoding", "*"])),
    step("or", st.dictionaries(_NAMES, _VALUES, max_size=2)),
]
_URLS = st.sampled_from(
    [
        "http://user:pw@host.example:8000/a b/é?x=1&y=2&x=3#frag",
        "https://[::1]:8/p",
        "/relative?x",
        "//host/x",
        "",
        "http://h",
        "mailto:x@y",
        "https://u@h/?a=%20",
        "ws://H.example/%2F",
        "http://h:65536/",
        "http://h:000080/",
    ]
)
_SETTINGS = st.sampled_from(["1", "true", "Off", "no", "", "x", "3.5", "a, 'b c'"])
_BASES = st.sampled_from(["http://h/app/", "https://h:1", "ws://h/x"])

_URL_PARTS = "scheme netloc path query fragment username password hostname port is_secure".split()

KINDS: dict[str, tuple[st.SearchStrategy[Step], list[st.SearchStrategy[Step]]]] = {
    "QueryParams": (
        st.one_of(start(PAIRS), start(DICTS), start(st.sampled_from(["a=1&b=&a=%C3%A9", "", "a;b", "a=b=c&&=x"]))),
        [*_MULTI, step("str"), step("equals", st.just("x"))],
    ),
    "ImmutableMultiDict": (st.one_of(start(PAIRS), start(DICTS)), _MULTI),
    "MultiDict": (st.one_of(start(PAIRS), start(DICTS), start(PAIRS, a=TEXTS)), [*_MULTI, *_MUTABLE, *_MUTABLE]),
    "FormData": (st.one_of(start(PAIRS), start(DICTS)), _MULTI),
    "Headers": (start(st.dictionaries(_NAMES, _VALUES, max_size=3)), _FIELDS),
    "MutableHeaders": (start(st.dictionaries(_NAMES, _VALUES, max_size=3)), [*_FIELDS, *_SET_FIELDS, *_SET_FIELDS]),
    "URL": (
        st.one_of(start(_URLS), start(_URLS), start(scheme=st.just("http"), netloc=st.just("h"), path=st.just("/a"))),
        [
            *(step("attribute", st.just(part)) for part in _URL_PARTS),
            *(step(verb) for verb in ("str", "repr")),
            step("equals", _URLS),
            step(
                "replace",
                scheme=st.just("https"),
                hostname=st.sampled_from(["x.example", "::1", "[::1]", "x.example:8080", "x:y"]),
                port=st.sampled_from([None, 1]),
                path=st.just("/p q"),
                query=st.just("a=b"),
                username=st.just("me"),
                password=st.just("p:w"),
            ),
            st.sampled_from(["x.example:8080", "[::1]:8080"]).map(
                lambda host: Step("replace", (), (("hostname", host), ("port", None)))
            ),
            step("include_query_params", x=TEXTS, z=st.integers(0, 3)),
            step("replace_query_params", x=TEXTS),
            step("remove_query_params", st.sampled_from(["x", "y", ["x", "y"], []])),
        ],
    ),
    "URLPath": (
        start(
            st.sampled_from(["/p", "/", "/a b"]),
            protocol=st.sampled_from(["http", "websocket"]),
            host=st.just("o.example"),
        ),
        [step("str"), step("repr"), step("make_absolute_url", _BASES)],
    ),
    "State": (
        start(DICTS),
        [
            step("attribute", KEYS),
            step("set attribute", KEYS, TEXTS),
            step("delete attribute", KEYS),
            step("item", KEYS),
            step("set", KEYS, TEXTS),
            step("delete", KEYS),
            step("in", KEYS),
            step("len"),
            step("list"),
        ],
    ),
    "Secret": (start(TEXTS), [step("str"), step("repr"), step("bool")]),
    "CommaSeparatedStrings": (
        start(st.sampled_from(["a, b", "'a, b', c", "", "a,,b", '"x" y', ["a", "b"]])),
        [step("str"), step("repr"), step("len"), step("list"), step("item", st.sampled_from([0, 1, -1]))],
    ),
    "Config": (
        start(st.dictionaries(st.sampled_from(["KEY", "P_KEY", "OTHER"]), _SETTINGS), st.sampled_from(["", "P_"])),
        [
            step("call", st.just("KEY"), cast=st.sampled_from([str, int, float, bool]), default=_SETTINGS),
            step("get", st.just("OTHER"), cast=st.just(int), default=st.just(5)),
        ],
    ),
    "HTTPException": (
        start(st.sampled_from([400, 404, 499, 503]), detail=st.sampled_from(["", "why"]), headers=st.just({"a": "b"})),
        [step("str"), step("repr"), *(step("attribute", st.just(name)) for name in ("detail", "headers"))],
    ),
    "WebSocketException": (start(st.sampled_from([1000, 3000]), reason=st.just("why")), [step("str"), step("repr")]),
    "AuthCredentials": (start(st.lists(TEXTS, max_size=2)), [step("attribute", st.just("scopes"))]),
    "SimpleUser": (start(TEXTS), [step("attribute", st.just(name)) for name in ("display_name", "is_authenticated")]),
}


def programs(kind: str) -> st.SearchStrategy[Program]:
    first, steps = KINDS[kind]
    return st.builds(Program, st.just(kind), first, st.lists(st.one_of(steps), min_size=1, max_size=6).map(tuple))

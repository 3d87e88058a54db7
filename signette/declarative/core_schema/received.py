"""Core schemas as they are needed for what a client sends: texts, or JSON.

Theory of operation: pydantic's `Literal[1]` takes the number 1, and no text. A query, a header or a form holds texts
alone, JSON has no enum members and no bytes, and the keys of its objects are texts. So the schema of a value that is
read from a request is rewritten, once, when its route is made:

* a literal or an enum also takes the texts that stand for its members. pydantic's own way is tried first, on the whole
  union where it is a member of one: `Literal[1] | str` keeps "1" a text, `Literal[1, "1"]` too;
* a default that could be changed, and that pydantic would share, is copied for each request;
* a check of the file system that the system itself answers with an error has failed.

A schema in which nothing of this stands is left as it is, and pydantic's own validator serves.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, time
from decimal import Decimal
from enum import Enum
from threading import Lock
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import CoreConfig, PydanticCustomError, PydanticKnownError, SchemaValidator, core_schema

from signette.declarative.core_schema.walk import Node, descendants, rebuilt
from signette.declarative.signature.defaults import copier_of, is_immutable

__all__ = ["received_schema", "text_of", "validator_of"]

# Nodes that stand around one value, and what they say of it is said elsewhere.
_AROUND = {
    "nullable": "schema", "default": "schema", "function-after": "schema", "function-before": "schema",
    "function-wrap": "schema", "custom-error": "schema", "lax-or-strict": "lax_schema",
}  # fmt: skip
_JSON_SCALARS = (str, int, float, bool)


def received_schema(schema: Any, *, texts: bool) -> Any:
    """The schema of what is sent as texts or as JSON; the same one where pydantic's own does.

    Raises Uncopyable where a field's default can be neither shared by all requests nor copied.
    """
    return _Rewriter(schema).of(schema, texts) if any(map(_may_change, descendants(schema))) else schema


def validator_of(schema: Any) -> SchemaValidator:
    """The validator of a schema that was rewritten."""
    try:
        # Else the validators that nested models have kept would be used, in which nothing is rewritten.
        return SchemaValidator(schema, CoreConfig(), _use_prebuilt=False)
    except TypeError:  # before pydantic 2.13 there is no such option
        with _BUILDING, _incomplete(schema):
            return SchemaValidator(schema, CoreConfig())


_BUILDING = Lock()


@contextmanager
def _incomplete(schema: Any) -> Iterator[None]:
    """For as long as a validator is built, the classes of its schema are such that have none yet."""
    found = {node["cls"] for node in descendants(schema) if node["type"] in ("model", "dataclass")}
    complete = [cls for cls in found if cls.__dict__.get("__pydantic_complete__") is True]
    for cls in complete:
        cls.__pydantic_complete__ = False
    try:
        yield
    finally:
        for cls in complete:
            cls.__pydantic_complete__ = True


def _may_change(node: Node) -> bool:
    kind = node["type"]
    if kind == "literal":
        return any(type(each) is not str for each in node["expected"])
    if kind == "enum":
        return any(not isinstance(each.value, str) for each in node["members"])
    if kind == "default":
        return "default" in node and _is_shared(node["default"]) and not is_immutable(node["default"])
    return kind == "function-after" and _asks_the_system(node["function"]["function"])


def text_of(value: Any) -> str | None:
    """The one text that stands for a value where texts alone can be sent; None where none does."""
    if isinstance(value, Enum):
        return text_of(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return None
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, str | int | float | Decimal | UUID) else None


def _json_key(value: Any) -> Any:
    """What tells a value of JSON from others: 1 equals True, and is not the same."""
    return (type(value), value) if type(value) in _JSON_SCALARS else None


def _text_key(value: Any) -> Any:
    return value if type(value) is str else None


class _Rewriter:
    def __init__(self, schema: Node) -> None:
        found = [each for each in descendants(schema) if "ref" in each]
        self.definitions: dict[str, Node] = {each["ref"]: each for each in found}

    def of(self, node: Node, texts: bool) -> dict[str, Any]:
        """The node as it is needed."""
        kind = node["type"]
        if kind in ("literal", "enum"):
            return self.leaf(node, self.choices(node, texts), texts)
        if kind == "union" and (choices := self.choices(node, texts)):
            return _trying(self.inside_union(node, texts), choices, texts)
        made = rebuilt(node, lambda child: self.of(child, texts))
        if kind == "dict" and "keys_schema" in node:
            made["keys_schema"] = self.key(node["keys_schema"])
        elif kind == "tagged-union" and not callable(node["discriminator"]):
            made["choices"] = _retagged(made["choices"], texts)
        elif kind == "default" and "default" in node and _is_shared(node["default"]):
            copier = copier_of(node["default"])
            if copier is not None:
                del made["default"]
                made["default_factory"] = copier
        elif kind == "function-after" and _asks_the_system(node["function"]["function"]):
            made["function"] = {**node["function"], "function": _answering_errors(node["function"]["function"])}
        return made

    def key(self, node: Node) -> Node:
        """The keys of an object are texts, in JSON too."""
        resolved = self.resolved(node)
        return _unnamed(self.of(resolved, texts=True)) if resolved["type"] in ("literal", "enum") else node

    def resolved(self, node: Node) -> Node:
        return self.definitions[node["schema_ref"]] if node["type"] == "definition-ref" else node

    def choices(self, node: Node, texts: bool, seen: tuple[str, ...] = ()) -> dict[Any, Any]:
        """What stands for the members of the literals and enums that one value is held to: by text, or as JSON."""
        kind = node["type"]
        if kind == "definition-ref":
            ref = node["schema_ref"]
            return {} if ref in seen else self.choices(self.definitions[ref], texts, (*seen, ref))
        if kind == "union":
            inner = [each[0] if isinstance(each, tuple) else each for each in node["choices"]]
            return {key: each for one in reversed(inner) for key, each in self.choices(one, texts, seen).items()}
        if kind in _AROUND:
            return self.choices(node[_AROUND[kind]], texts, seen)
        members = node["expected"] if kind == "literal" else node["members"] if kind == "enum" else ()
        found = reversed([(_stands_for(each, texts), each) for each in members])
        return {sent: each for sent, each in found if sent is not None}

    def inside_union(self, node: Node, texts: bool) -> dict[str, Any]:
        """A member of a union, whose literals take no more than before: the union tries what stands for them."""
        resolved = self.resolved(node)
        if resolved["type"] in ("literal", "enum"):
            return self.leaf(_unnamed(resolved), {}, texts)
        if node["type"] == "union" or node["type"] in _AROUND:
            return rebuilt(node, lambda child: self.inside_union(child, texts))
        return self.of(node, texts)

    def leaf(self, node: Node, choices: dict[Any, Any], texts: bool) -> dict[str, Any]:
        expected = node.get("expected", ())
        # pydantic shows these by their `repr` in Python, which no client can send.
        odd = any(isinstance(each, Enum | bytes | bool) for each in expected)
        if not choices and not odd:
            return dict(node)
        return _trying(node, choices, texts, _listed(expected) if odd else "")


def _trying(node: Node, choices: dict[Any, Any], texts: bool, words: str = "") -> dict[str, Any]:
    """A node that is tried as it is, and then with what the value stands for."""
    key_of = _text_key if texts else _json_key

    def check(value: Any, handler: Callable[[Any], Any]) -> Any:
        try:
            return handler(value)
        except ValidationError:
            key = key_of(value)
            if key is not None and key in choices:
                return handler(choices[key])
            if words:
                raise PydanticKnownError("literal_error", {"expected": words}) from None
            raise

    inner: Any = _unnamed(node)
    made = dict(core_schema.no_info_wrap_validator_function(check, inner))
    return made | {"ref": node["ref"]} if "ref" in node else made


def _unnamed(node: Node) -> dict[str, Any]:
    return {key: each for key, each in node.items() if key != "ref"}


def _stands_for(member: Any, texts: bool) -> Any:
    """What is sent for a member of a literal or enum; None where pydantic takes that by itself, or nothing is."""
    if texts:
        return None if type(member) is str else text_of(member)
    if isinstance(member, Enum) and not isinstance(member.value, bytes):
        return _json_key(member.value)
    text = text_of(member) if isinstance(member, Enum | bytes) else None
    return None if text is None else (str, text)


def _listed(expected: Any) -> str:
    """What can be sent, as pydantic lists it: `'a', 'b' or 1`."""
    plain = [each.value if isinstance(each, Enum) else each for each in expected]
    shown = [str(text_of(each)) if isinstance(each, bool) else repr(each).removeprefix("b") for each in plain]
    return " or ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _retagged(choices: Mapping[Any, Any], texts: bool) -> Mapping[Any, Any]:
    """The choices of a tagged union by the tags that can be sent."""
    made = {}
    for tag, each in choices.items():
        sent = text_of(tag) if texts or isinstance(tag, bytes) else tag.value if isinstance(tag, Enum) else tag
        made[tag if sent is None else sent] = each
    return choices if all(type(one) is type(other) for one, other in zip(made, choices, strict=False)) else made


def _is_shared(default: Any) -> bool:
    """Whether pydantic gives each model the same object: it copies what cannot be hashed."""
    try:
        hash(default)
    except TypeError:
        return False
    return True


def _asks_the_system(function: Any) -> bool:
    """Whether it is pydantic's check of a `FilePath`, a `DirectoryPath` or their like."""
    named = getattr(function, "__module__", ""), getattr(function, "__qualname__", "").partition(".")[0]
    return named == ("pydantic.types", "PathType")


def _answering_errors(function: Callable[..., Any]) -> Callable[..., Any]:
    """The check of a path, which fails where the system has an error for it: a name that is too long, say."""

    def check(path: Any, *info: Any) -> Any:
        try:
            return function(path, *info)
        except (OSError, ValueError) as exc:
            if isinstance(exc, PydanticCustomError):
                raise
            raise PydanticCustomError("path_type", "Input is not a valid path") from None

    return check

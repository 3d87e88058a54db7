"""Core schemas rewritten for values that a client sends, as text or as JSON.

Theory of operation: pydantic's `Literal[1]` accepts the number 1, but not the text "1". Queries, headers and forms have
only text, JSON has neither enum members nor bytes, and the keys of its objects are strings. So the schema of a value in
a request is rewritten once, when its route is made:

* a literal or an enum also accepts its members as text. pydantic validates first, the whole union for a member of a
  union: `Literal[1] | str` and `Literal[1, "1"]` keep the text "1";
* a mutable default that pydantic would share is copied for each request;
* an error of the operating system, while pydantic validates a path, is a validation error;
* locations of errors have the names that were sent, also with `loc_by_alias=False`.

A schema without any of these is not rewritten, and pydantic's own validator is used.
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

# Schemas that wrap the schema of the same value.
_WRAPPERS = {
    "nullable": "schema", "default": "schema", "function-after": "schema", "function-before": "schema",
    "function-wrap": "schema", "custom-error": "schema", "lax-or-strict": "lax_schema",
}  # fmt: skip
_JSON_SCALARS = (str, int, float, bool)


def received_schema(schema: Any, *, texts: bool) -> Any:
    """The schema for values sent as text or as JSON; the same object if nothing needs to change.

    Raises Uncopyable if the default of a field can be neither shared by all requests nor copied.
    """
    return _Rewriter(schema).of(schema, texts) if any(map(_may_change, descendants(schema))) else schema


def validator_of(schema: Any) -> SchemaValidator:
    """The validator of a rewritten schema."""
    try:
        # Otherwise nested models would be validated by their own validators, which are not rewritten.
        return SchemaValidator(schema, CoreConfig(), _use_prebuilt=False)
    except TypeError:  # before pydantic 2.13 there is no such option
        with _BUILDING, _incomplete(schema):
            return SchemaValidator(schema, CoreConfig())


_BUILDING = Lock()


@contextmanager
def _incomplete(schema: Any) -> Iterator[None]:
    """Mark the classes in a schema as incomplete while its validator is built, so that theirs are not used."""
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
    if _locates_by_field(node):
        return True
    if kind == "literal":
        return any(type(each) is not str for each in node["expected"])
    if kind == "enum":
        return any(not isinstance(each.value, str) for each in node["members"])
    if kind == "default":
        return "default" in node and _is_shared(node["default"]) and not is_immutable(node["default"])
    return kind == "function-after" and _validates_path(node["function"]["function"])


def _locates_by_field(node: Node) -> bool:
    return (node.get("config") or {}).get("loc_by_alias") is False


def text_of(value: Any) -> str | None:
    """A value as the text that a client sends for it; None if there is no such text."""
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
    """A JSON scalar with its type, because `1 == True`; None for other values."""
    return (type(value), value) if type(value) in _JSON_SCALARS else None


def _text_key(value: Any) -> Any:
    return value if type(value) is str else None


class _Rewriter:
    def __init__(self, schema: Node) -> None:
        found = [each for each in descendants(schema) if "ref" in each]
        self.definitions: dict[str, Node] = {each["ref"]: each for each in found}

    def of(self, node: Node, texts: bool) -> dict[str, Any]:
        """The rewritten schema."""
        kind = node["type"]
        if kind in ("literal", "enum"):
            return self.leaf(node, self.choices(node, texts), texts)
        if kind == "union" and (choices := self.choices(node, texts)):
            return _trying(self.inside_union(node, texts), choices, texts)
        made = rebuilt(node, lambda child: self.of(child, texts))
        if _locates_by_field(node):
            made["config"] = {**node["config"], "loc_by_alias": True}
        if kind == "dict" and "keys_schema" in node:
            made["keys_schema"] = self.key(node["keys_schema"])
        elif kind == "tagged-union" and not callable(node["discriminator"]):
            made["choices"] = _retagged(made["choices"], texts)
        elif kind == "default" and "default" in node and _is_shared(node["default"]):
            copier = copier_of(node["default"])
            if copier is not None:
                del made["default"]
                made["default_factory"] = copier
        elif kind == "function-after" and _validates_path(node["function"]["function"]):
            made["function"] = {**node["function"], "function": _catching_system_errors(node["function"]["function"])}
        return made

    def key(self, node: Node) -> Node:
        """The schema of an object's keys, which are strings in JSON too."""
        resolved = self.resolved(node)
        return _unnamed(self.of(resolved, texts=True)) if resolved["type"] in ("literal", "enum") else node

    def resolved(self, node: Node) -> Node:
        return self.definitions[node["schema_ref"]] if node["type"] == "definition-ref" else node

    def choices(self, node: Node, texts: bool, seen: tuple[str, ...] = ()) -> dict[Any, Any]:
        """The members of the literals and enums that one value is validated by, by their text or JSON."""
        kind = node["type"]
        if kind == "definition-ref":
            ref = node["schema_ref"]
            return {} if ref in seen else self.choices(self.definitions[ref], texts, (*seen, ref))
        if kind == "union":
            inner = [each[0] if isinstance(each, tuple) else each for each in node["choices"]]
            return {key: each for one in reversed(inner) for key, each in self.choices(one, texts, seen).items()}
        if kind in _WRAPPERS:
            return self.choices(node[_WRAPPERS[kind]], texts, seen)
        members = node["expected"] if kind == "literal" else node["members"] if kind == "enum" else ()
        found = reversed([(_key_of(each, texts), each) for each in members])
        return {sent: each for sent, each in found if sent is not None}

    def inside_union(self, node: Node, texts: bool) -> dict[str, Any]:
        """A member of a union. Its literals and enums are not changed: the union as a whole tries their texts."""
        resolved = self.resolved(node)
        if resolved["type"] in ("literal", "enum"):
            return self.leaf(_unnamed(resolved), {}, texts)
        if node["type"] == "union" or node["type"] in _WRAPPERS:
            return rebuilt(node, lambda child: self.inside_union(child, texts))
        return self.of(node, texts)

    def leaf(self, node: Node, choices: dict[Any, Any], texts: bool) -> dict[str, Any]:
        """A literal or an enum that also accepts `choices`, and lists in its error what a client can send."""
        expected = node.get("expected", ())
        # pydantic lists these by their Python `repr`.
        odd = any(isinstance(each, Enum | bytes | bool) for each in expected)
        if not choices and not odd:
            return dict(node)
        return _trying(node, choices, texts, _listed(expected) if odd else "")


def _trying(node: Node, choices: dict[Any, Any], texts: bool, allowed: str = "") -> dict[str, Any]:
    """A schema that validates a value, and if that fails, the member that it is the text of.

    `allowed` replaces pydantic's list of allowed values in the error.
    """
    key_of = _text_key if texts else _json_key

    def check(value: Any, handler: Callable[[Any], Any]) -> Any:
        try:
            return handler(value)
        except ValidationError:
            key = key_of(value)
            if key is not None and key in choices:
                return handler(choices[key])
            if allowed:
                raise PydanticKnownError("literal_error", {"expected": allowed}) from None
            raise

    inner: Any = _unnamed(node)
    made = dict(core_schema.no_info_wrap_validator_function(check, inner))
    return made | {"ref": node["ref"]} if "ref" in node else made


def _unnamed(node: Node) -> dict[str, Any]:
    return {key: each for key, each in node.items() if key != "ref"}


def _key_of(member: Any, texts: bool) -> Any:
    """The text or JSON for a member of a literal or enum; None if pydantic accepts it, or if it cannot be sent."""
    if texts:
        return None if type(member) is str else text_of(member)
    if isinstance(member, Enum) and not isinstance(member.value, bytes):
        return _json_key(member.value)
    text = text_of(member) if isinstance(member, Enum | bytes) else None
    return None if text is None else (str, text)


def _listed(expected: Any) -> str:
    """The values that a client can send, in pydantic's format: `'a', 'b' or 1`."""
    plain = [each.value if isinstance(each, Enum) else each for each in expected]
    shown = [str(text_of(each)) if isinstance(each, bool) else repr(each).removeprefix("b") for each in plain]
    return " or ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _retagged(choices: Mapping[Any, Any], texts: bool) -> Mapping[Any, Any]:
    """The choices of a tagged union by the tags that a client can send."""
    made = {}
    for tag, each in choices.items():
        sent = text_of(tag) if texts or isinstance(tag, bytes) else tag.value if isinstance(tag, Enum) else tag
        made[tag if sent is None else sent] = each
    return choices if all(type(one) is type(other) for one, other in zip(made, choices, strict=False)) else made


def _is_shared(default: Any) -> bool:
    """Whether pydantic gives each model the same object. It copies objects that cannot be hashed."""
    try:
        hash(default)
    except TypeError:
        return False
    return True


def _validates_path(function: Any) -> bool:
    """Whether a function is pydantic's validator of `FilePath`, `DirectoryPath` or `NewPath`."""
    named = getattr(function, "__module__", ""), getattr(function, "__qualname__", "").partition(".")[0]
    return named == ("pydantic.types", "PathType")


def _catching_system_errors(function: Callable[..., Any]) -> Callable[..., Any]:
    """A validator of paths for which an error of the system is a validation error: a name that is too long, say."""

    def check(path: Any, *info: Any) -> Any:
        try:
            return function(path, *info)
        except (OSError, ValueError) as exc:
            if isinstance(exc, PydanticCustomError):
                raise
            raise PydanticCustomError("path_type", "Input is not a valid path") from None

    return check

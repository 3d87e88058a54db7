"""Types that no client can send: no text, or no JSON, is valid according to pydantic's core schema."""

from collections.abc import Iterator
from typing import Any, Literal

from signette.datastructures.upload import Upload, UploadFile
from signette.declarative.adapters.validators import PydanticUserError, cached_by_adapter
from signette.declarative.core_schema.received import text_of
from signette.declarative.core_schema.walk import Node, descendants
from signette.declarative.signature.defaults import Uncopyable, copier_of

__all__ = ["Way", "imports_by_name", "uncopyable_default", "unsendable", "upload_in"]

Way = Literal["text", "parts", "json"]
"""How a value is sent: as one text, as several texts or names with brackets, or as JSON."""

_OBJECTS = frozenset({"callable", "is-subclass"})
_CONTAINERS = frozenset(
    {"list", "set", "frozenset", "tuple", "dict", "model", "typed-dict", "dataclass", "named-tuple", "call"}
)
_SCHEMA = frozenset({"function-after", "custom-error", "default", "model", "dataclass", "definitions"})


@cached_by_adapter
def unsendable(adapter: Any, way: Way, *, files: bool = False) -> str | None:
    """The part of a type that cannot be sent, as words for a message; None if some value can be sent.

    `files`: uploaded files can be sent.
    """
    schema = _schema_of(adapter)
    return _Search(schema, way, files).unsendable(schema)


@cached_by_adapter
def imports_by_name(adapter: Any) -> bool:
    """Whether a value of the type, or one in it, is imported by its name: pydantic's `ImportString`."""
    schema = _schema_of(adapter)
    return any(
        getattr(each["function"].get("function"), "__name__", "") == "import_string"
        for each in descendants(schema)
        if each["type"] in ("function-plain", "function-before")
    )


@cached_by_adapter
def upload_in(adapter: Any) -> bool:
    """Whether a value of the type is, or contains, an uploaded file."""
    schema = _schema_of(adapter)
    return any(each["type"] == "is-instance" and each["cls"] in (UploadFile, Upload) for each in descendants(schema))


@cached_by_adapter
def uncopyable_default(adapter: Any) -> tuple[Any, str] | None:
    """The first default of a field that can be neither shared by all requests nor copied, and the reason."""
    for each in descendants(_schema_of(adapter)):
        if each["type"] == "default" and "default" in each:
            try:
                copier_of(each["default"])
            except Uncopyable as exc:
                return each["default"], str(exc)
    return None


def _schema_of(adapter: Any) -> Node:
    schema: Any = adapter.core_schema
    try:
        schema["type"]
    except PydanticUserError:  # an unresolved forward reference
        return {"type": "any"}
    found: Node = schema
    return found


class _Search:
    def __init__(self, schema: Node, way: Way, files: bool) -> None:
        self.way = way
        self.files = files
        self.definitions = {each["ref"]: each for each in descendants(schema) if "ref" in each}
        self.seen: set[str] = set()

    def unsendable(self, node: Node) -> str | None:
        """Why no value of this schema can be sent; None if one can, or if that is not certain."""
        kind = node["type"]
        if kind in _OBJECTS:
            return "a Python object"
        if kind == "is-instance":
            return (
                None
                if self.is_raw(node["cls"])
                else f"an instance of `{getattr(node['cls'], '__name__', node['cls'])}`"
            )
        if kind == "none":
            return None if self.way == "json" else "`None`"
        if kind in _CONTAINERS and self.way == "text" and not node.get("root_model"):
            return "a nested value"
        if kind in ("literal", "enum") and self.way != "json" and "missing" not in node:
            members = node["expected"] if kind == "literal" else node["members"]
            return None if any(text_of(each) is not None for each in members) else "a member without a text"
        return self.unsendable_inside(node, kind)

    def is_raw(self, cls: Any) -> bool:
        """Whether sources return instances of a class: texts, lists of texts, files."""
        kinds = {"text": (str,), "parts": (str, list, dict), "json": ()}[self.way] + (
            (UploadFile, Upload) if self.files else ()
        )
        try:
            return any(issubclass(kind, cls) for kind in kinds)
        except TypeError:  # the class overrides `__subclasscheck__`
            return True

    def unsendable_inside(self, node: Node, kind: str) -> str | None:
        if kind == "definition-ref":
            if node["schema_ref"] in self.seen:
                return None
            self.seen.add(node["schema_ref"])
            return self.unsendable(self.definitions[node["schema_ref"]])
        if kind == "nullable":
            return None if self.way == "json" else self.unsendable(node["schema"])
        if kind in ("union", "tagged-union"):
            choices = node["choices"].values() if kind == "tagged-union" else node["choices"]
            found = [
                self.unsendable(each[0] if isinstance(each, tuple) else each) for each in choices if _is_node(each)
            ]
            return found[0] if found and all(found) else None
        return next(filter(None, map(self.unsendable, _required(node, self.way))), None)


def _is_node(choice: Any) -> bool:
    return isinstance(choice, dict | tuple)


def _required(node: Node, way: Way) -> Iterator[Node]:
    """The schemas directly inside a schema that each of its values must satisfy."""
    kind = node["type"]
    if kind in _SCHEMA:
        yield node["schema"]
    elif kind == "lax-or-strict":
        yield node["lax_schema"]
    elif kind == "json-or-python":
        yield node["json_schema" if way == "json" else "python_schema"]
    elif kind == "chain":
        yield node["steps"][0]
    elif kind in ("list", "set", "frozenset"):
        yield from (node[key] for key in ("items_schema",) if key in node)
    elif kind == "tuple":
        yield from node["items_schema"]
    elif kind == "dict":
        yield from (node[key] for key in ("keys_schema", "values_schema") if key in node)
    elif kind in ("model-fields", "typed-dict"):
        for each in node["fields"].values():
            is_required = each.get("required", node.get("total", True)) if kind == "typed-dict" else True
            if is_required and each["schema"]["type"] != "default":
                yield each["schema"]
    elif kind in ("dataclass-args", "named-tuple"):
        yield from (each["schema"] for each in node.get("fields", ()) if each["schema"]["type"] != "default")

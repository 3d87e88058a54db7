"""Types -> what writes values for requests, and what reads values of responses.

Theory of operation. The types of an application are made for its own side: a model validates the *validation alias* of
a field, and serializes by its *serialization alias*. A client does the opposite, so its serializer and its validator
are made of the core schema with these names exchanged. Likewise secrets are written, fields with `exclude=True` are
sent, and fields that an older client does not know are ignored.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaSerializer, SchemaValidator, to_jsonable_python

# The keys of a core schema under which there are schemas. Field names may be any text, so keys alone show no schema.
SCHEMA_KEYS = (
    "schema", "items_schema", "keys_schema", "values_schema", "fields", "extras_schema", "extras_keys_schema",
    "choices", "steps", "lax_schema", "strict_schema", "json_schema", "python_schema", "arguments_schema",
    "return_schema", "definitions",
)  # fmt: skip
OF_NAMES = ("fields", "choices")
FIELDS = ("model-field", "dataclass-field", "typed-dict-field")
# The key of a field with an `AliasPath`, before `with_paths` puts its value where the path leads.
PATH_MARK = "\0"
BUILDING = threading.Lock()


class Unwritable(ValueError):
    """A value has no form in a request."""


class RequestType:
    """Writes the values of a type for requests, as JSON values with the names that the application validates."""

    __slots__ = ("_has_paths", "_serializer", "_validate", "annotation", "init_only")

    def __init__(self, annotation: Any) -> None:
        adapter: TypeAdapter[Any] = TypeAdapter(annotation)
        schema: Any = adapter.core_schema
        self.annotation = annotation
        self.init_only = next(
            (each["name"] for each in nodes_in(schema) if each["type"] == "dataclass-field" and each.get("init_only")),
            "",
        )
        """A field of a dataclass that only its `__init__` has, so that values cannot be written."""
        self._has_paths = any(_path_of(each) is not None for each in nodes_in(schema) if each["type"] in FIELDS)
        self._serializer = serializer_of(rewritten(schema, _for_request))
        self._validate = adapter.validator.validate_python

    def json_of(self, value: Any) -> Any:
        """The JSON value: without fields that were not set and have their default.

        Raises Unwritable for a value of another type.
        """
        return self.json_and_others(value)[0]

    def json_and_others(self, value: Any) -> tuple[Any, Any]:
        """The JSON value, and the part of it that differs from the defaults of fields.

        Raises Unwritable for a value of another type.
        """
        try:
            set_only = self._dump(value, "error", exclude_unset=True)
        except (ValueError, TypeError, RecursionError):  # pydantic's error is a ValueError
            value = self._converted(value)
            set_only = self._dumped(value, exclude_unset=True)
        if not isinstance(set_only, dict | list):
            return set_only, set_only
        # A default that was changed in place, such as a list, is not set, and differs from the default.
        others = self._dumped(value, exclude_defaults=True)
        found = set_only if set_only == others else joined(set_only, others)
        return (with_paths(found), with_paths(others)) if self._has_paths else (found, others)

    def set_fields(self, value: Any) -> Any:
        """The JSON value with the fields that were set, for a merge patch."""
        try:
            found = self._dump(value, "error", exclude_unset=True)
        except (ValueError, TypeError, RecursionError) as exc:
            raise Unwritable("is neither a dictionary nor a value of the type that is changed") from exc
        return with_paths(found) if self._has_paths else found

    def _dumped(self, value: Any, **options: Any) -> Any:
        try:
            return self._dump(value, False, **options)
        except (ValueError, TypeError, RecursionError) as exc:
            raise Unwritable(f"has no JSON value: {reason_of(exc)}") from exc

    def _dump(self, value: Any, warnings: Any, **options: Any) -> Any:
        return self._serializer.to_python(
            value, mode="json", by_alias=True, round_trip=True, warnings=warnings, **options
        )

    def _converted(self, value: Any) -> Any:
        """The value as one of the type: a dictionary as a model, a text as a date."""
        try:
            return self._validate(value)
        except (ValidationError, ValueError, TypeError) as exc:
            raise Unwritable(reason_of(exc)) from None


class ResponseType:
    """Reads the values of a type in responses, by the names that the application serializes."""

    __slots__ = ("annotation", "validator")

    def __init__(self, annotation: Any, *, by_alias: bool = True, is_partial: bool = False) -> None:
        self.annotation = annotation
        adapter: TypeAdapter[Any] = TypeAdapter(annotation)

        def change(node: dict[str, Any]) -> dict[str, Any]:
            return _for_response(node, by_alias=by_alias, is_partial=is_partial)

        self.validator = validator_of_schema(rewritten(adapter.core_schema, change))

    def of_json(self, body: bytes | str) -> Any:
        """The value of a JSON text. Raises ValidationError."""
        return self.validator.validate_json(body)

    def of_value(self, value: Any) -> Any:
        """The value of a JSON value that is parsed. Raises ValidationError."""
        return self.validator.validate_json(json.dumps(value))


def plain_json(value: Any) -> Any:
    """The JSON value of a value whose type is not known.

    Raises Unwritable.
    """
    try:
        return to_jsonable_python(value, by_alias=True)
    except (ValueError, TypeError, RecursionError) as exc:
        raise Unwritable(f"has no JSON value: {reason_of(exc)}") from exc


def reason_of(exc: Exception) -> str:
    """Why a value is not valid, in one line. Values are not shown."""
    if isinstance(exc, ValidationError):
        found = exc.errors(include_url=False, include_input=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}".lstrip(": ") for each in found[:5])
    return str(exc).splitlines()[0] if str(exc) else type(exc).__name__


# -- core schemas ------------------------------------------------------------------------------------------------------


def nodes_in(schema: Any) -> Iterator[Any]:
    """A core schema and all schemas inside it."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        yield node
        for key in SCHEMA_KEYS:
            waiting += _inside(key, node.get(key))


def _inside(key: str, value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [each for each in value.values() if isinstance(each, Mapping)] if key in OF_NAMES else [value]
    if isinstance(value, list | tuple):
        found = [each[0] if isinstance(each, tuple) else each for each in value]
        return [each for each in found if isinstance(each, Mapping)]
    return []


def rewritten(schema: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """A copy of a core schema in which each schema is what `change` returns for it, from the inside out."""
    copy = dict(schema)
    for key in SCHEMA_KEYS:
        value = copy.get(key)
        if isinstance(value, Mapping):
            copy[key] = (
                {name: _rewritten_item(each, change) for name, each in value.items()}
                if key in OF_NAMES
                else rewritten(value, change)
            )
        elif isinstance(value, list | tuple):
            copy[key] = [_rewritten_item(each, change) for each in value]
    return change(copy)


def _rewritten_item(item: Any, change: Any) -> Any:
    if isinstance(item, tuple):
        return (rewritten(item[0], change), *item[1:])
    return rewritten(item, change) if isinstance(item, Mapping) else item


def serializer_of(schema: Any) -> SchemaSerializer:
    """The serializer of a rewritten schema, which does not use those of the models in it."""
    try:
        return SchemaSerializer(schema, None, _use_prebuilt=False)
    except TypeError:  # pydantic before 2.13
        with BUILDING, incomplete(schema):
            return SchemaSerializer(schema)


def validator_of_schema(schema: Any) -> SchemaValidator:
    """The validator of a rewritten schema, which does not use those of the models in it."""
    try:
        return SchemaValidator(schema, None, _use_prebuilt=False)
    except TypeError:  # pydantic before 2.13
        with BUILDING, incomplete(schema):
            return SchemaValidator(schema)


@contextmanager
def incomplete(schema: Any) -> Iterator[None]:
    """Mark the classes in a schema as incomplete, so that pydantic does not use what it has made for them."""
    found = {node["cls"] for node in nodes_in(schema) if node["type"] in ("model", "dataclass")}
    complete = [cls for cls in found if cls.__dict__.get("__pydantic_complete__") is True]
    for cls in complete:
        cls.__pydantic_complete__ = False
    try:
        yield
    finally:
        for cls in complete:
            cls.__pydantic_complete__ = True


# -- requests ----------------------------------------------------------------------------------------------------------


def _for_request(node: dict[str, Any]) -> dict[str, Any]:
    kind = node["type"]
    if kind in FIELDS:
        return _field_for_request(node)
    if kind in ("model", "dataclass") and (node.get("config") or {}).get("validate_by_alias") is False:
        return _with_fields(node, lambda field: _without(field, "serialization_alias"))
    if kind == "json-or-python" and _is_secret(node.get("python_schema", {})):
        return {**node, "serialization": {"type": "function-plain", "function": reveal, "when_used": "unless-none"}}
    if "val_json_bytes" in (node.get("config") or {}):
        config = node["config"]
        return {**node, "config": {**config, "ser_json_bytes": config["val_json_bytes"]}}
    return node


def _field_for_request(field: dict[str, Any]) -> dict[str, Any]:
    made = _without(field, "serialization_alias", "serialization_exclude", "serialization_exclude_if")
    path = _path_of(field)
    alias = field.get("validation_alias")
    if path is not None:
        made["serialization_alias"] = PATH_MARK + json.dumps(path)
    elif alias is not None:
        made["serialization_alias"] = alias if isinstance(alias, str) else _first_name(alias)
    extra = (field.get("metadata") or {}).get("pydantic_js_extra")
    is_computed = field.get("serialization_exclude") and isinstance(extra, Mapping) and extra.get("readOnly") is True
    if field.get("init") is False or is_computed:  # `is_computed`: of a generated module, made by the application
        made["serialization_exclude"] = True
    schema = made["schema"]
    if schema["type"] == "default" and schema["schema"]["type"] == "literal":
        made["schema"] = schema["schema"]  # the tag of a union is sent, although it is the default
    return made


def _choices_of(alias: Any) -> list[Any]:
    """The choices of a validation alias: each a list of names and indexes."""
    if isinstance(alias, str):
        return [[alias]]
    return list(alias) if alias and isinstance(alias[0], list) else [alias]


def _first_name(alias: Any) -> str:
    return str(next(choice[0] for choice in _choices_of(alias) if len(choice) == 1))


def _path_of(field: Mapping[str, Any]) -> list[Any] | None:
    """The path into a nested value that a field is read from, if it has no plain alias."""
    alias = field.get("validation_alias")
    if alias is None or isinstance(alias, str):
        return None
    choices = _choices_of(alias)
    return None if any(len(choice) == 1 for choice in choices) else choices[0]


def _with_fields(node: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """A model or dataclass with changed fields."""
    inner = node.get("schema")
    if not isinstance(inner, dict):
        return node
    if "fields" not in inner:
        return {**node, "schema": _with_fields(inner, change)}
    fields = inner["fields"]
    made = (
        {name: change(each) for name, each in fields.items()} if isinstance(fields, dict) else list(map(change, fields))
    )
    return {**node, "schema": {**inner, "fields": made}}


def _without(node: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key not in keys}


def _is_secret(node: Mapping[str, Any]) -> bool:
    found = [node, *(each for each in node.get("choices", ()) if isinstance(each, Mapping))]
    return any(hasattr(each.get("cls"), "get_secret_value") for each in found)


def reveal(value: Any) -> Any:
    """The content of a secret, which the application needs."""
    secret = value.get_secret_value() if hasattr(value, "get_secret_value") else value
    return secret.decode() if isinstance(secret, bytes) else secret


def joined(one: Any, other: Any) -> Any:
    """A JSON value with the members of both; values that both have are equal, or objects and lists of the same form."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {
            **one,
            **{key: joined(one[key], each) if key in one else each for key, each in other.items()},
        }
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [joined(*pair) for pair in zip(one, other, strict=True)]
    return one


def with_paths(value: Any) -> Any:
    """A JSON value in which the members with a path are where the path leads."""
    if isinstance(value, list):
        return [with_paths(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: with_paths(each) for key, each in value.items() if not key.startswith(PATH_MARK)}
    for key, each in value.items():
        if key.startswith(PATH_MARK):
            _put(found, json.loads(key.removeprefix(PATH_MARK)), with_paths(each))
    return found


def _put(into: Any, path: list[Any], value: Any) -> None:
    first, *rest = path
    if isinstance(into, list):
        if not isinstance(first, int) or first < 0:
            raise Unwritable(f"has a field at the index {first!r} of a list, which cannot be written")
        into += [None] * (first + 1 - len(into))
    if not rest:
        into[first] = value
        return
    inner = into[first] if isinstance(into, list) else into.get(first)
    if inner is None:
        inner = into[first] = [] if isinstance(rest[0], int) else {}
    _put(inner, rest, value)


# -- responses ---------------------------------------------------------------------------------------------------------


def _for_response(node: dict[str, Any], *, by_alias: bool, is_partial: bool) -> dict[str, Any]:
    kind = node["type"]
    if kind in FIELDS:
        return _field_for_response(node, by_alias=by_alias, is_partial=is_partial)
    if kind == "is-instance":
        return {"type": "any"}  # JSON has no objects of Python; a serializer has made something else of it
    if node.get("extra_behavior") == "forbid":
        node = _without(node, "extra_behavior")
    config = node.get("config")
    if config:
        config = {**_without(config, "loc_by_alias"), "validate_by_alias": True, "validate_by_name": False}
        if config.get("extra_fields_behavior") == "forbid":
            config["extra_fields_behavior"] = "ignore"
        if "ser_json_bytes" in config:
            config["val_json_bytes"] = config["ser_json_bytes"]
        node = {**node, "config": config}
    return node


def _field_for_response(field: dict[str, Any], *, by_alias: bool, is_partial: bool) -> dict[str, Any]:
    made = _without(field, "validation_alias")
    alias = field.get("serialization_alias")
    if by_alias and alias is not None:
        made["validation_alias"] = alias
    schema = made["schema"]
    inner = schema["schema"] if schema["type"] == "default" else schema
    if _has_serializer(inner):
        # What a serializer of the application makes may be no value of the type.
        either = {"type": "union", "mode": "left_to_right", "choices": [inner, {"type": "any"}]}
        schema = {**schema, "schema": either} if schema["type"] == "default" else either
    is_left_out = is_partial or field.get("serialization_exclude") or field.get("serialization_exclude_if")
    if field["type"] == "typed-dict-field":
        made["required"] = field.get("required", True) and not is_left_out
    elif is_left_out and schema["type"] != "default":
        schema = {"type": "default", "schema": schema, "default": None}
    return {**made, "schema": schema}


def _has_serializer(node: Mapping[str, Any]) -> bool:
    """Whether the application has its own serializer for a value."""
    function = (node.get("serialization") or {}).get("function")
    return function is not None and not str(getattr(function, "__module__", "")).startswith("pydantic")

"""Annotation -> JSON Schema. One `Definitions` makes all schemas of an OpenAPI document, so that they share components.

References are *raw* at first: `signette:3`. They are renamed when all of them are known (`openapi/schemas.py`), so that
no name depends on the order of routes.
"""

import re
from collections import deque
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticSerializationError, core_schema

from signette._dataclasses import dataclass
from signette._http.json import dumps
from signette.declarative.adapters.validators import PydanticUserError, adapter_of
from signette.declarative.core_schema.received import text_of

__all__ = ["BINARY", "RAW", "Definition", "Definitions", "Mode", "component_name", "schemas_of"]

Mode = Literal["validation", "serialization"]
Schema = dict[str, Any]

RAW = "signette:"
"""The prefix of a raw reference."""

# OpenAPI 3.1 has `contentMediaType`; most tools still read the `format` of 3.0.
BINARY: Mapping[str, Any] = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}

_JSON_SCALARS = frozenset({str, int, bool, type(None)})


@dataclass(frozen=True, slots=True)
class Definition:
    """The schema that a raw reference names, and the parts of its final name."""

    name: str
    qualified: str
    """The name with its module, in case two classes have the same name."""
    direction: str
    """`Input`, `Output` or `ByName`, in case the schemas of requests and of responses differ."""
    schema: Mapping[str, Any]


class Definitions:
    """The schemas of a document's annotations, and the definitions that they refer to."""

    def __init__(self) -> None:
        self._generators: dict[tuple[Mode, bool], _DirectionGenerator] = {}
        self._schemas: dict[tuple[int, Mode, bool], tuple[Any, Schema]] = {}

    def of(self, annotation: Any, mode: Mode, by_alias: bool = True) -> Schema:
        """The schema of an annotation, with raw references. Read-only; `{}` if JSON Schema cannot describe the type."""
        try:
            adapter = adapter_of(annotation)
        except PydanticUserError:
            return {}
        key = id(adapter), mode, by_alias
        if key not in self._schemas:  # the adapter is stored with its schema, so that its id is not reused
            self._schemas[key] = adapter, self._generator(mode, by_alias).schema_of(adapter)
        return self._schemas[key][1]

    def _generator(self, mode: Mode, by_alias: bool) -> "_DirectionGenerator":
        if (mode, by_alias) not in self._generators:
            self._generators[mode, by_alias] = _DirectionGenerator(mode, by_alias)
        return self._generators[mode, by_alias]

    def behind(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The definition that a schema refers to; the schema itself if it is not a reference."""
        key = schema.get("$ref", "").removeprefix(RAW)
        return next(
            (generator.definitions[key] for generator in self._generators.values() if key in generator.definitions),
            schema,
        )

    def found(self) -> dict[str, Definition]:
        """All raw references, with their definitions."""
        return {
            RAW + key: Definition(*names, generator.direction, generator.definitions[key])  # type: ignore[index]  # pydantic's own `str`
            for generator in self._generators.values()
            for key, names in generator.names.items()
            if key in generator.definitions
        }


def component_name(name: str) -> str:
    """A name as a key of `components`: `Page[Item]` -> `Page_Item`."""
    return re.sub(r"[^a-zA-Z0-9.\-_]+", "_", name).replace(".", "__").strip("_") or "Schema"


def schemas_of(annotations: Mapping[str, Any]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The serialization schemas of annotations, by name, and the `$defs` that they refer to."""
    inputs: list[tuple[str, Mode, Any]] = [
        (name, "serialization", adapter_of(annotation).core_schema) for name, annotation in annotations.items()
    ]
    made, definitions = _Generator().generate_definitions(inputs)
    return {name: made[name, "serialization"] for name in annotations}, {
        f"{name}": definitions[name] for name in definitions
    }


def schema_of(annotation: Any, by_alias: bool = True) -> Schema:
    """The serialization schema of an annotation, with its `$defs`. `{}` if JSON Schema cannot describe the type."""
    try:
        return _Generator(by_alias=by_alias).generate(adapter_of(annotation).core_schema, "serialization")
    except (PydanticUserError, PydanticInvalidForJsonSchema):
        return {}


class _Generator(GenerateJsonSchema):
    """pydantic's generator, without titles that only repeat the name of a field."""

    # A default that is not valid JSON is left out, without a warning.
    ignored_warning_kinds = {"skipped-choice", "non-serializable-default", "skipped-discriminator"}  # noqa: RUF012 - pydantic's spelling

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cores: dict[str, Any] = {}

    def field_title_should_be_set(self, _: Any) -> bool:
        return False

    def encode_default(self, dft: Any) -> Any:
        # PERF: pydantic makes an adapter for each default, a third of the time that a document takes.
        if type(dft) in _JSON_SCALARS:
            return dft
        if not is_finite(dft):
            raise PydanticSerializationError("not a number in JSON")
        return super().encode_default(dft)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        made = super().default_schema(schema)
        is_text = self.mode == "validation" and not schema.get("validate_default") and _is_json_text(schema["schema"])
        if is_text and made.get("default") is not None:
            made["default"] = json_text(made["default"])
        return made

    def definitions_schema(self, schema: core_schema.DefinitionsSchema) -> Schema:
        self._cores |= {each["ref"]: each for each in schema["definitions"]}
        return super().definitions_schema(schema)

    def dict_schema(self, schema: core_schema.DictSchema) -> Schema:
        """The keys of JSON objects are strings, even if the members of the key's literal or enum are not."""
        made = super().dict_schema(schema)
        keys: Any = schema.get("keys_schema", {})
        if keys.get("type") == "definition-ref":
            keys = self._cores.get(keys["schema_ref"], {})
        members = keys["expected"] if keys.get("type") == "literal" else keys.get("members", ())
        texts = [text_of(each) for each in members]
        if members and None not in texts and not all(isinstance(each, str) for each in map(_value_of, members)):
            description = {key: each for key, each in made.get("propertyNames", {}).items() if key == "description"}
            made["propertyNames"] = {"enum": texts} | description
        return made

    def enum_schema(self, schema: core_schema.EnumSchema) -> Schema:
        return _without_not_finite(super().enum_schema(schema))

    def handle_invalid_for_json_schema(self, _schema: Any, _error_info: str) -> Schema:
        return {}


def is_finite(value: Any) -> bool:
    """Whether a value has neither infinities nor NaN, which JSON cannot represent."""
    try:
        return _is_finite(value)
    except RecursionError:  # it contains itself, so it has no JSON either
        return False


def _is_finite(value: Any) -> bool:
    if isinstance(value, Enum):
        return _is_finite(value.value)
    if isinstance(value, float | Decimal):
        return isfinite(value)
    if isinstance(value, Mapping):
        return all(map(_is_finite, (*value.keys(), *value.values())))
    if isinstance(value, list | tuple | set | frozenset | deque):
        return all(map(_is_finite, value))
    inside = getattr(value, "__dict__", None)
    return not isinstance(inside, dict) or isinstance(value, type) or all(map(_is_finite, inside.values()))


def json_text(value: Any) -> str:
    """A value as text that a `Json` field of pydantic reads."""
    return dumps(value).decode()


def _is_json_text(schema: Any) -> bool:
    while schema["type"] in ("nullable", "function-after"):
        schema = schema["schema"]
    return bool(schema["type"] == "json")


def _value_of(member: Any) -> Any:
    return member.value if isinstance(member, Enum) else member


def _without_not_finite(schema: Schema) -> Schema:
    return schema | {"enum": [each for each in schema["enum"] if is_finite(each)]}


class _DirectionGenerator(_Generator):
    """The generator of one direction, whose references are raw."""

    def __init__(self, mode: Mode, by_alias: bool) -> None:
        super().__init__(by_alias=by_alias, ref_template=RAW + "{model}")
        self.generate({"type": "any"}, mode)  # the only method that sets the mode
        self.direction = ("Output" if mode == "serialization" else "Input") if by_alias else "ByName"
        self.names: dict[str, tuple[str, str]] = {}
        self._keys: dict[Any, str] = {}

    def schema_of(self, adapter: TypeAdapter[Any]) -> Schema:
        try:
            return self.generate_inner(adapter.core_schema)
        except PydanticInvalidForJsonSchema:
            return {}

    def get_defs_ref(self, core_mode_ref: Any) -> Any:
        key = self._keys.get(core_mode_ref)
        if key is None:
            # `shop.Page:94552[shop.Item:94553]`: the numbers are addresses, which differ in each run.
            format_type = re.sub(r":\d+", "", core_mode_ref[0])
            key = self._keys[core_mode_ref] = f"{self.direction}{len(self._keys)}"
            short = re.sub(r"[\w.<>]*\.(?=\w)", "", format_type)
            self.names[key] = (component_name(short), component_name(format_type))
        return key

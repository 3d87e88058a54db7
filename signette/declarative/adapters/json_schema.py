"""Annotation -> JSON Schema. All of a document go through one `Definitions`, so that what they refer to is shared.

While a document is being made its references are *raw*: `signette:3`. Which names they get is decided when all of them
are known (`openapi/schemas.py`), so that no name depends on what came first.
"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticSerializationError, core_schema

from signette._http.json import dumps
from signette.declarative.adapters.validators import Unusable, adapter_of
from signette.declarative.core_schema.received import text_of

__all__ = ["BINARY", "RAW", "Definition", "Definitions", "Mode", "component_name", "schemas_of"]

Mode = Literal["validation", "serialization"]
Schema = dict[str, Any]

RAW = "signette:"
"""What a reference begins with until it has its name."""

# OpenAPI 3.1 says `contentMediaType`, and most tools still look for the `format` that 3.0 had.
BINARY: Mapping[str, Any] = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}

_JSON_SCALARS = frozenset({str, int, bool, type(None)})


@dataclass(frozen=True, slots=True)
class Definition:
    """What a raw reference stands for, and all that a name can be made from."""

    name: str
    qualified: str
    """The name with its module, for when two classes are called alike."""
    direction: str
    """`Input`, `Output` or `ByName`, for when what is read and what is written differ."""
    schema: Mapping[str, Any]


class Definitions:
    """The schemas of a document's annotations, and what they refer to."""

    def __init__(self) -> None:
        self._makers: dict[tuple[Mode, bool], _Maker] = {}
        self._made: dict[tuple[int, Mode, bool], tuple[Any, Schema]] = {}

    def of(self, annotation: Any, mode: Mode, by_alias: bool = True) -> Schema:
        """The schema of an annotation, its references raw, for reading only. `{}` where JSON has no word for it."""
        try:
            adapter = adapter_of(annotation)
        except Unusable:
            return {}
        key = id(adapter), mode, by_alias
        if key not in self._made:  # the adapter is kept beside its schema, so that its id stays its own
            self._made[key] = adapter, self._maker(mode, by_alias).schema_of(adapter)
        return self._made[key][1]

    def _maker(self, mode: Mode, by_alias: bool) -> "_Maker":
        if (mode, by_alias) not in self._makers:
            self._makers[mode, by_alias] = _Maker(mode, by_alias)
        return self._makers[mode, by_alias]

    def behind(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a schema that is but a reference leads to; any other schema as it is."""
        key = schema.get("$ref", "").removeprefix(RAW)
        return next((maker.definitions[key] for maker in self._makers.values() if key in maker.definitions), schema)

    def found(self) -> dict[str, Definition]:
        """Each raw reference that was given out, with what it stands for."""
        return {
            RAW + key: Definition(*names, maker.direction, maker.definitions[key])  # type: ignore[index]  # pydantic's own `str`
            for maker in self._makers.values()
            for key, names in maker.names.items()
            if key in maker.definitions
        }


def component_name(name: str) -> str:
    """A name as a key of `components` may be: `Page[Item]` -> `Page_Item`."""
    return re.sub(r"[^a-zA-Z0-9.\-_]+", "_", name).replace(".", "__").strip("_") or "Schema"


def schemas_of(annotations: Mapping[str, Any]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The schemas of what is written for some annotations, by name, and the `$defs` that they refer to."""
    inputs: list[tuple[str, Mode, Any]] = [
        (name, "serialization", adapter_of(annotation).core_schema) for name, annotation in annotations.items()
    ]
    made, definitions = _Generator().generate_definitions(inputs)
    return {name: made[name, "serialization"] for name in annotations}, {
        f"{name}": definitions[name] for name in definitions
    }


class _Generator(GenerateJsonSchema):
    """pydantic's generator without titles that only repeat a field's name."""

    # What cannot be shown (a default that is no JSON) is left out; the document is not the place to warn of it.
    ignored_warning_kinds = {"skipped-choice", "non-serializable-default", "skipped-discriminator"}  # noqa: RUF012 - pydantic's spelling

    def __init__(self, *said: Any, **options: Any) -> None:
        super().__init__(*said, **options)
        self._cores: dict[str, Any] = {}

    def field_title_should_be_set(self, _: Any) -> bool:
        return False

    def encode_default(self, dft: Any) -> Any:
        # PERF: pydantic makes an adapter for each default, a third of a document's time.
        if type(dft) in _JSON_SCALARS:
            return dft
        if not is_finite(dft):
            raise PydanticSerializationError("no number in JSON")
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
        """The names of an object are texts, also where the keys of the dictionary are members of another kind."""
        made = super().dict_schema(schema)
        keys: Any = schema.get("keys_schema", {})
        if keys.get("type") == "definition-ref":
            keys = self._cores.get(keys["schema_ref"], {})
        members = keys["expected"] if keys.get("type") == "literal" else keys.get("members", ())
        texts = [text_of(each) for each in members]
        if members and None not in texts and not all(isinstance(each, str) for each in map(_value_of, members)):
            words = {key: each for key, each in made.get("propertyNames", {}).items() if key == "description"}
            made["propertyNames"] = {"enum": texts} | words
        return made

    def enum_schema(self, schema: core_schema.EnumSchema) -> Schema:
        return _without_not_finite(super().enum_schema(schema))

    def handle_invalid_for_json_schema(self, _schema: Any, _error_info: str) -> Schema:
        return {}


def is_finite(value: Any) -> bool:
    """Whether JSON has words for all numbers in a value, which it has not for infinity and NaN."""
    try:
        return _is_finite(value)
    except RecursionError:  # it holds itself, for which JSON has no word either
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
    """The text that stands for a value where pydantic's `Json` reads it."""
    return dumps(value).decode()


def _is_json_text(schema: Any) -> bool:
    while schema["type"] in ("nullable", "function-after"):
        schema = schema["schema"]
    return bool(schema["type"] == "json")


def _value_of(member: Any) -> Any:
    return member.value if isinstance(member, Enum) else member


def _without_not_finite(schema: Schema) -> Schema:
    return schema | {"enum": [each for each in schema["enum"] if is_finite(each)]}


class _Maker(_Generator):
    """The generator of one direction, whose references are raw."""

    def __init__(self, mode: Mode, by_alias: bool) -> None:
        super().__init__(by_alias=by_alias, ref_template=RAW + "{model}")
        self.generate({"type": "any"}, mode)  # nothing but `generate` tells it the mode
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
            # `shop.Page:94552[shop.Item:94553]`: the numbers are addresses, and tell one run from another.
            format_type = re.sub(r":\d+", "", core_mode_ref[0])
            key = self._keys[core_mode_ref] = f"{self.direction}{len(self._keys)}"
            short = re.sub(r"[\w.<>]*\.(?=\w)", "", format_type)
            self.names[key] = (component_name(short), component_name(format_type))
        return key

"""Annotation -> JSON Schema. All of a document go through one `Definitions`, so that what they refer to is shared.

While a document is being made its references are *raw*: `signette:3`. Which names they get is decided when all of them
are known (`openapi/schemas.py`), so that no name depends on what came first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import GenerateJsonSchema

from signette.declarative.adapters.check import Unusable, adapter_of

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

    def field_title_should_be_set(self, _: Any) -> bool:
        return False

    def encode_default(self, dft: Any) -> Any:
        # PERF: pydantic makes an adapter for each default, a third of a document's time.
        return dft if type(dft) in _JSON_SCALARS else super().encode_default(dft)

    def handle_invalid_for_json_schema(self, _schema: Any, _error_info: str) -> Schema:
        return {}


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
            spelled = re.sub(r":\d+", "", core_mode_ref[0])
            key = self._keys[core_mode_ref] = f"{self.direction}{len(self._keys)}"
            short = re.sub(r"[\w.<>]*\.(?=\w)", "", spelled)
            self.names[key] = (component_name(short), component_name(spelled))
        return key

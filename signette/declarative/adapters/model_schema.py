"""The keys that pydantic accepts for a model, read from its core schema.

An alias may come from a `Field`, an alias generator, or the metadata of a dataclass; three settings, of the model or of
the type that contains it, may allow names as well as aliases. The core schema has the combined result.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.adapters.validators import adapter_of
from signette.declarative.signature.annotations import cached

Schema = Mapping[str, Any]

_CODE_BEFORE = ("function-before", "function-wrap", "function-plain")
_INNER = ("schema", "lax_schema", "python_schema")


@dataclass(frozen=True, slots=True)
class Key:
    """The keys that pydantic accepts for a field, in order of preference."""

    aliases: tuple[str, ...] = ()
    paths: tuple[tuple[Any, ...], ...] = ()
    """Keys that lead into a value: `("items", 0)`."""
    by_name: bool = False
    """The field's name is accepted as well as the aliases."""
    documented: str = ""
    """Its name in the model's JSON Schema, "" if that is the field's name."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a model."""

    fields: Mapping[str, Key] = field(default_factory=dict)
    extras: bool = False
    """The model forbids or keeps unknown keys."""
    sees_all: bool = False
    """A validator or `__init__` of the application is given all keys, before pydantic selects those of fields."""
    takes_fields_only: bool = False
    """An unknown key is an exception, because the model's `__init__` does not accept it."""
    errors_by_name: bool = False
    """Errors are located by the field's name, and not by its alias."""


@cached
def keys_of(model: Any) -> Keys:
    """The keys of a pydantic model, a dataclass or a TypedDict."""
    return next(keys_in(adapter_of(model).core_schema), Keys())


def sees_all(annotation: Any) -> bool:
    """Whether a validator or `__init__` is given all keys, of the model or of a model of the union."""
    return any(keys.sees_all for keys in keys_in(adapter_of(annotation).core_schema))


def keys_in(schema: Schema) -> Iterator[Keys]:
    """The keys of each outermost model in a schema."""
    yield from _keys_in(schema, {}, {}, early=False, custom=None)


def _keys_in(schema: Schema, known: dict[str, Schema], config: Schema, *, early: bool, custom: Any) -> Iterator[Keys]:
    kind = schema["type"]
    config = {**config, **(schema.get("config") or {})}
    if kind == "definitions":
        known |= {each["ref"]: each for each in schema["definitions"]}
    elif kind == "definition-ref":
        yield from _keys_in(known[schema["schema_ref"]], known, config, early=early, custom=custom)
        return
    elif kind in ("union", "tagged-union"):
        choices = schema["choices"]
        for choice in choices.values() if isinstance(choices, Mapping) else choices:
            each = choice[0] if isinstance(choice, tuple) else choice
            yield from _keys_in(each, known, config, early=early, custom=custom)
        return
    elif kind in ("model-fields", "typed-dict", "dataclass-args"):
        yield _keys_of_fields(schema, config, early, custom)
        return
    elif kind == "model" and schema.get("custom_init"):
        custom = schema["cls"].__init__
    early = early or kind in _CODE_BEFORE
    inner = next((schema[word] for word in _INNER if word in schema), None)
    if inner is not None:
        yield from _keys_in(inner, known, config, early=early, custom=custom)
    elif early:  # a validator without a schema is given all keys
        yield Keys(sees_all=True)


def _keys_of_fields(schema: Schema, config: Schema, early: bool, custom: Any) -> Keys:
    by_alias = config.get("validate_by_alias", True)
    by_name = bool(config.get("validate_by_name") or config.get("populate_by_name"))
    fields = schema["fields"]
    if not isinstance(fields, Mapping):
        fields = {each["name"]: each for each in fields if each.get("init", True)}
    extra = schema.get("extra_behavior") or config.get("extra_fields_behavior") or "ignore"
    takes_all = custom is not None and _takes_all(custom)
    return Keys(
        {name: _key(each.get("validation_alias"), by_alias, by_name) for name, each in fields.items()},
        extras=extra != "ignore",
        sees_all=early or takes_all,
        takes_fields_only=custom is not None and not takes_all,
        errors_by_name=config.get("loc_by_alias") is False,
    )


def _key(alias: Any, by_alias: bool, by_name: bool) -> Key:
    """A key from pydantic's alias: a string, a path, or a list of paths."""
    if alias is None:
        return Key()
    choices = [[alias]] if isinstance(alias, str) else alias if isinstance(alias[0], list) else [alias]
    texts = tuple(choice[0] for choice in choices if len(choice) == 1)
    documented = texts[0] if texts else ""
    if not by_alias:
        return Key(documented=documented)
    return Key(texts, tuple(tuple(choice) for choice in choices if len(choice) > 1), by_name, documented)


def _takes_all(init: Any) -> bool:
    return any(each.kind is each.VAR_KEYWORD for each in inspect.signature(init).parameters.values())

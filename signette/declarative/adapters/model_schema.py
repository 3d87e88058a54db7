"""What pydantic does with the keys of a model, read from its core schema: the one place where all settings have met.

An alias may come from a `Field`, a generator, or the metadata of a dataclass; names may serve beside it by one of three
settings, of a model or of what it stands in. The core schema says what came of all that.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from signette.declarative.adapters.validators import adapter_of
from signette.declarative.signature.annotations import cached

Schema = Mapping[str, Any]

_CODE_BEFORE = ("function-before", "function-wrap", "function-plain")
_INNER = ("schema", "lax_schema", "python_schema")


@dataclass(frozen=True, slots=True)
class Key:
    """A field: the keys under which pydantic looks for it, first choice first."""

    aliases: tuple[str, ...] = ()
    paths: tuple[tuple[Any, ...], ...] = ()
    """Keys that lead into a value: `("items", 0)`."""
    by_name: bool = False
    """Its own name serves beside the aliases."""
    documented: str = ""
    """Its name in the model's JSON Schema, "" where that is its own."""


@dataclass(frozen=True, slots=True)
class Keys:
    """A model: its fields, and what becomes of other keys."""

    fields: Mapping[str, Key] = field(default_factory=dict)
    extras: bool = False
    """It forbids or keeps keys that it does not know."""
    sees_all: bool = False
    """Code of the application's own is given all keys, before pydantic looks for those that it knows."""
    takes_fields_only: bool = False
    """Another key is an exception: its own `__init__` takes no others."""
    errors_by_name: bool = False
    """Errors name a field, and not the key that was looked for."""


@cached
def keys_of(model: Any) -> Keys:
    """The keys of a pydantic model, a dataclass or a TypedDict."""
    return next(keys_in(adapter_of(model).core_schema), Keys())


def sees_all(annotation: Any) -> bool:
    """Whether code of the application's own is given all keys, of a model or of some model of a union."""
    return any(keys.sees_all for keys in keys_in(adapter_of(annotation).core_schema))


def keys_in(schema: Schema) -> Iterator[Keys]:
    """The keys of each model of a schema, down to the first model on each way."""
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
        yield _made(schema, config, early, custom)
        return
    elif kind == "model" and schema.get("custom_init"):
        custom = schema["cls"].__init__
    early = early or kind in _CODE_BEFORE
    inner = next((schema[word] for word in _INNER if word in schema), None)
    if inner is not None:
        yield from _keys_in(inner, known, config, early=early, custom=custom)
    elif early:  # a function alone, which makes what it likes of all keys
        yield Keys(sees_all=True)


def _made(schema: Schema, config: Schema, early: bool, custom: Any) -> Keys:
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
    """Pydantic's alias: a text, a path, or a list of paths."""
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

"""The schemas of a document while it is being made, and the names that they get in the end.

Theory of operation: everything is built with raw references, one for each class and direction (what is read, what is
written). At the end those that the document reaches are sorted into groups by class name. Within a group two are the
same when they look the same and refer to the same, which is found by refinement: all of a group are taken for equal,
and split until nothing more differs, so that models that refer to themselves need not be split for that alone. A group
of one gets the class's name; else a name is made longer by just what tells it apart.
"""

import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from signette.declarative.adapters.json_schema import RAW, Definition, Definitions, component_name, is_finite

Schema = dict[str, Any]
PLACE = "#/components/schemas/"
LOCAL = "#/$defs/"


class Schemas:
    """All schemas of one document."""

    def __init__(self, separate: bool = True) -> None:
        """`separate`: what a model takes and what it gives are told apart where they differ."""
        self._written: Literal["serialization", "validation"] = "serialization" if separate else "validation"
        self._made = Definitions()
        self._adopted: dict[str, Definition] = {}

    def taken(self, annotation: Any) -> Schema:
        """What a client may send for this annotation."""
        return self._made.of(annotation, "validation")

    def given(self, annotation: Any, by_alias: bool = True) -> Schema:
        """What a client gets for this annotation."""
        return self._made.of(annotation, self._written, by_alias)

    def behind(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a schema that is but a reference leads to; any other schema as it is."""
        return self._made.behind(schema)

    def adopt(self, schema: Mapping[str, Any], module: str = "") -> Schema:
        """A schema made elsewhere, as a component if it has a title. Its own `$defs` become components too."""
        inner: Mapping[str, Any] = schema.get("$defs", {})
        raws = {LOCAL + name: f"{RAW}Adopted{len(self._adopted) + index}" for index, name in enumerate(inner)}
        for name, definition in inner.items():
            text = component_name(name)
            self._adopted[raws[LOCAL + name]] = Definition(text, text, "Output", _renamed(definition, raws.get))
        whole = _renamed({key: value for key, value in schema.items() if key != "$defs"}, raws.get)
        title = whole.get("title")
        if not title:
            return dict(whole)
        raw = f"{RAW}Adopted{len(self._adopted)}"
        self._adopted[raw] = Definition(component_name(title), component_name(f"{module}.{title}"), "Output", whole)
        return {"$ref": raw}

    def settle(self, document: Any) -> tuple[Any, dict[str, Schema]]:
        """The document with its references named, and the components that they lead to, in the order of their names."""
        found = self._made.found() | self._adopted
        met = _reached(document, found)
        reached = {raw: definition for raw, definition in found.items() if raw in met}
        names = _names(reached)
        references = {raw: PLACE + name for raw, name in names.items()}
        components = {name: _renamed(reached[raw].schema, references.get) for raw, name in names.items()}
        return _renamed(document, references.get), dict(sorted(components.items()))


def _reached(document: Any, found: Mapping[str, Definition]) -> set[str]:
    """The raw references that the document leads to, by whichever way."""
    met: set[str] = set()
    waiting = list(_raws(document))
    while waiting:
        raw = waiting.pop()
        if raw not in met and raw in found:
            met.add(raw)
            waiting += _raws(found[raw].schema)
    return met


def _raws(value: Any) -> Iterable[str]:
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, str):
            if each.startswith(RAW):
                yield each
        elif isinstance(each, Mapping):
            stack += each.values()
        elif isinstance(each, list | tuple):
            stack += each


def _renamed(value: Any, name: Callable[[str], str | None]) -> Any:
    """The value anew, with other references. A discriminator's mapping holds references too, as bare strings."""
    if isinstance(value, str):
        return name(value) or value
    if isinstance(value, Mapping):
        if isinstance(value.get("examples"), list) and not is_finite(value["examples"]):
            value = {**value, "examples": list(filter(is_finite, value["examples"]))}
        return {key: _renamed(each, name) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(each, name) for each in value]
    return value


def _names(reached: Mapping[str, Definition]) -> dict[str, str]:
    """The name of each raw reference. References to the same thing have the same name."""
    groups: dict[str, list[str]] = defaultdict(list)
    for raw, definition in reached.items():
        groups[definition.name].append(raw)
    labels = _disambiguate(reached, {raw: raws for raws in groups.values() if len(raws) > 1 for raw in raws})
    names: dict[str, str] = {}
    taken: set[str] = set()
    for short in sorted(groups):
        kinds: dict[str, list[str]] = defaultdict(list)
        for raw in groups[short]:
            kinds[labels.get(raw, short)].append(raw)
        for kind, name in _names_of(short, kinds, reached, taken | (groups.keys() - {short})).items():
            taken.add(name)
            names |= dict.fromkeys(kinds[kind], name)
    return names


def _disambiguate(reached: Mapping[str, Definition], doubtful: Mapping[str, list[str]]) -> dict[str, str]:
    """A label for each doubtful reference; equal labels where one schema serves for both."""
    labels = {raw: reached[raw].name for raw in doubtful}
    while True:
        looks = {
            raw: labels[raw] + json.dumps(_renamed(reached[raw].schema, labels.get), sort_keys=True, default=repr)
            for raw in doubtful
        }
        numbers = {look: f"{index}" for index, look in enumerate(dict.fromkeys(looks.values()))}
        if len(numbers) == len(set(labels.values())):
            return labels
        labels = {raw: numbers[look] for raw, look in looks.items()}


def _names_of(
    short: str, kinds: Mapping[str, list[str]], reached: Mapping[str, Definition], taken: set[str]
) -> dict[str, str]:
    """A name for each kind of a group: with its direction, its module, or both; numbers as a last resort."""
    first = {kind: min((reached[raw] for raw in raws), key=_long_name) for kind, raws in kinds.items()}
    one_class = len({definition.qualified for definition in first.values()}) == 1
    proposals = (
        dict.fromkeys(kinds, short),
        {kind: f"{short}-{each.direction}" if one_class else short for kind, each in first.items()},
        {kind: each.qualified for kind, each in first.items()},
        {kind: _long_name(each) for kind, each in first.items()},
    )
    for names in proposals:
        if len(set(names.values())) == len(kinds) and not taken & set(names.values()):
            return names
    free = (f"{short}-{number}" for number in itertools.count(1) if f"{short}-{number}" not in taken)
    return dict(zip(kinds, free, strict=False))  # the second one never ends


def _long_name(definition: Definition) -> str:
    return f"{definition.qualified}-{definition.direction}"

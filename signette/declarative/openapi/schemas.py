"""The component schemas of a document, and their names.

Theory of operation. The document is built with raw references, one per class and direction (input or output). At the
end, the definitions that the document reaches are grouped by class name. Within a group, two definitions are the same
if they have the same content and refer to the same definitions. This is found by refinement: all definitions of a group
start as equal, and are split until no more differ, so that recursive models are not split without need. A group of one
gets the name of the class; other names are made longer by what distinguishes them: direction, module, or both.
"""

import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Literal

from signette.declarative.adapters.json_schema import RAW, Definition, Definitions, component_name, is_finite

Schema = dict[str, Any]
PLACE = "#/components/schemas/"
LOCAL = "#/$defs/"


class Part(dict[str, Any]):
    """A part that several operations of a document have. In the finished document, each has a copy."""


class Schemas:
    """The schemas of a document."""

    def __init__(self, separate: bool = True) -> None:
        """`separate`: input and output schemas of a model are different components if they differ."""
        self._written: Literal["serialization", "validation"] = "serialization" if separate else "validation"
        self._made = Definitions()
        self._adopted: dict[str, Definition] = {}
        self.values: dict[int, Any] = {}
        """What was written for a read of a plan, by the id of the read."""

    def input_schema(self, annotation: Any) -> Schema:
        """The schema of a value in a request."""
        return self._made.of(annotation, "validation")

    def output_schema(self, annotation: Any, by_alias: bool = True) -> Schema:
        """The schema of a value in a response."""
        return self._made.of(annotation, self._written, by_alias)

    def resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The definition that a reference points to. Other schemas are returned unchanged."""
        return self._made.behind(schema)

    def adopt(self, schema: Mapping[str, Any], module: str = "") -> Schema:
        """Add a foreign schema: a component if it has a title, otherwise inline. Its `$defs` become components, too."""
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

    def finish(self, document: Any) -> tuple[Any, dict[str, Schema]]:
        """The document with its final references, and its components in the order of their names."""
        rename, components = self._finals(document)
        return _renamed(document, rename), components

    def finish_items(self, sections: Mapping[str, dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Schema]]:
        """`finish` for sections such as `paths`, whose items are removed one by one.

        PERF: so the memory never holds a large document twice.
        """
        rename, components = self._finals(sections)
        copiers: dict[int, Callable[[], Any]] = {}
        finished = {
            name: {key: _renamed(items.pop(key), rename, copiers) for key in list(items)}
            for name, items in sections.items()
        }
        return finished, components

    def _finals(self, document: Any) -> tuple[Callable[[str], str | None], dict[str, Schema]]:
        """The function from a raw reference to the final one, and the components that a document reaches."""
        found = self._made.found() | self._adopted
        met = _reached(document, found)
        reached = {raw: definition for raw, definition in found.items() if raw in met}
        names = _names(reached)
        references = {raw: PLACE + name for raw, name in names.items()}
        components = {name: _renamed(reached[raw].schema, references.get) for raw, name in names.items()}
        return references.get, dict(sorted(components.items()))


def _reached(document: Any, found: Mapping[str, Definition]) -> set[str]:
    """The raw references that the document reaches, directly or through others."""
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
    seen: set[int] = set()
    while stack:
        each = stack.pop()
        # PERF: exact classes first, because `isinstance` with an abstract class takes five times as long.
        kind = type(each)
        if kind is str:
            if each.startswith(RAW):
                yield each
        elif kind is dict or isinstance(each, Mapping):
            if id(each) not in seen:  # operations share what is written once
                seen.add(id(each))
                stack += each.values()
        elif isinstance(each, list | tuple):
            stack += each
        elif isinstance(each, str) and each.startswith(RAW):
            yield each


def _renamed(value: Any, name: Callable[[str], str | None], copiers: dict[int, Callable[[], Any]] | None = None) -> Any:
    """A copy of the value with other references. The mapping of a discriminator has references, too, as strings.

    `copiers` are those of parts, by id.
    """
    # PERF: as in `_raws`; most values of a document are texts, and few of them are references.
    kind = type(value)
    if kind is dict and "examples" not in value:
        return {
            key: (name(each) or each) if type(each) is str else _renamed(each, name, copiers)
            for key, each in value.items()
        }
    if kind is Part and copiers is not None:
        if id(value) not in copiers:
            copiers[id(value)] = _copier(_renamed(value, name)) or dict
        return copiers[id(value)]()
    if kind is str or isinstance(value, str):
        return name(value) or value
    if kind is bool or kind is int:
        return value
    if kind is dict or isinstance(value, Mapping):
        if isinstance(value.get("examples"), list) and not is_finite(value["examples"]):
            value = {**value, "examples": list(filter(is_finite, value["examples"]))}
        return {key: _renamed(each, name, copiers) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(each, name, copiers) for each in value]
    return value


def _copier(value: Any) -> Callable[[], Any] | None:
    """A function that copies a value, so that no part of the copy is shared. None: the value cannot be changed."""
    if isinstance(value, dict):
        members: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    else:
        return None
    inner = [(key, copier) for key, each in members if (copier := _copier(each)) is not None]
    return partial(_copied, value, inner) if inner else value.copy


def _copied(value: Any, inner: Iterable[tuple[Any, Callable[[], Any]]]) -> Any:
    made = value.copy()
    for key, copier in inner:
        made[key] = copier()
    return made


def _names(reached: Mapping[str, Definition]) -> dict[str, str]:
    """The name of each raw reference. Equal definitions share a name."""
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


def _disambiguate(reached: Mapping[str, Definition], ambiguous: Mapping[str, list[str]]) -> dict[str, str]:
    """A label for each ambiguous reference; references with equal definitions share a label."""
    labels = {raw: reached[raw].name for raw in ambiguous}
    while True:
        looks = {
            raw: labels[raw] + json.dumps(_renamed(reached[raw].schema, labels.get), sort_keys=True, default=repr)
            for raw in ambiguous
        }
        numbers = {look: f"{index}" for index, look in enumerate(dict.fromkeys(looks.values()))}
        if len(numbers) == len(set(labels.values())):
            return labels
        labels = {raw: numbers[look] for raw, look in looks.items()}


def _names_of(
    short: str, kinds: Mapping[str, list[str]], reached: Mapping[str, Definition], taken: set[str]
) -> dict[str, str]:
    """A name for each definition of a group: with direction, module, or both; numbers as a last resort."""
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
    return dict(zip(kinds, free, strict=False))  # `free` is infinite


def _long_name(definition: Definition) -> str:
    return f"{definition.qualified}-{definition.direction}"

"""The schemas inside one of pydantic's core schemas.

A core schema consists of nested dictionaries. Some of them are schemas, and have a `type`; others are mappings whose
keys are names that a user chose: the fields of a model, the tags of a union. A field may be called `type`, `default` or
`serialization`, so the keys of a dictionary do not show whether it is a schema. The key under which it is found does.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]

# The value of each of these keys is a schema, a list of schemas, or a mapping from names to schemas. Fields and
# arguments count as schemas: theirs is under `schema`. Keys that are not here have no part in validation:
# `serialization`, `metadata`, `computed_fields`, `json_schema_input_schema`.
_CHILDREN = (
    "schema",
    "items_schema",
    "keys_schema",
    "values_schema",
    "fields",
    "extras_schema",
    "extras_keys_schema",
    "choices",
    "steps",
    "lax_schema",
    "strict_schema",
    "json_schema",
    "python_schema",
    "arguments_schema",
    "var_args_schema",
    "var_kwargs_schema",
    "return_schema",
    "definitions",
)
_OF_NAMES = frozenset({"fields", "choices"})


def children(node: Node) -> Iterator[tuple[str, Any, Node]]:
    """Each schema directly inside a schema: its key, its name or index under that key (or None), and the schema."""
    for key in _CHILDREN:
        value = node.get(key)
        if isinstance(value, Mapping):
            if key in _OF_NAMES:
                yield from ((key, name, child) for name, child in value.items() if isinstance(child, Mapping))
            else:
                yield key, None, value
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                child = item[0] if isinstance(item, tuple) else item  # a choice may be a pair with its label
                if isinstance(child, Mapping):  # the `fields` of a dataclass are only names
                    yield key, index, child


def descendants(node: Node) -> Iterator[Node]:
    """The schema itself and all schemas inside it. References are not followed: definitions are inside, too."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += [child for _, _, child in children(each)]


def rebuilt(node: Node, change: Callable[[Node], Node]) -> dict[str, Any]:
    """A copy of a schema in which each schema directly inside it is replaced by what `change` returns for it."""
    copy = dict(node)
    for key in _CHILDREN:
        value = copy.get(key)
        if isinstance(value, Mapping):
            copy[key] = _of_names(value, change) if key in _OF_NAMES else change(value)
        elif isinstance(value, list | tuple):
            copy[key] = [_of_list(item, change) for item in value]
    return copy


def _of_names(value: Mapping[str, Any], change: Callable[[Node], Node]) -> dict[str, Any]:
    return {name: change(child) if isinstance(child, Mapping) else child for name, child in value.items()}


def _of_list(item: Any, change: Callable[[Node], Node]) -> Any:
    if isinstance(item, tuple):
        return (change(item[0]), *item[1:])
    return change(item) if isinstance(item, Mapping) else item

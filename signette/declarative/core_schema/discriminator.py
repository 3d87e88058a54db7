"""A discriminator for unions that need one: the field whose `Literal`s are different in each member.

    class And(BaseModel):                   class Or(BaseModel):
        op: Literal["and"]                      op: Literal["or"]
        args: "list[And | Or]"                  args: "list[And | Or]"

A valid `And` has `op` "and", so it is not a valid `Or`, and `op` alone decides. That holds only if the field is
required, and if no validator with `mode="before"` can change the value first.
"""

from collections.abc import Mapping
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.core_schema.recursion import Automaton, choices_of, paths_of
from signette.declarative.core_schema.walk import Node, descendants, rebuilt

Path = tuple[Any, ...]
# The paths that a field is read from, in their order, and the values that a member accepts there.
Tags = dict[tuple[Path, ...], frozenset[Any]]
_NO_CONFIG: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Discriminated:
    """A schema whose validation takes linear time, or the union that makes it exponential."""

    schema: Node
    exponential: Node | None = None


def discriminated(schema: Node) -> Discriminated:
    """The schema with a discriminator for each union whose validation would be exponential without one.

    It accepts the same values, with the same results. A schema without such a union is returned unchanged.
    """
    if not any(node.get("type") == "definition-ref" for node in descendants(schema)):
        return Discriminated(schema)  # no recursive types
    while True:
        automaton = Automaton(schema)
        unions = automaton.ambiguous_unions()
        if not unions:
            return Discriminated(schema)
        alike = automaton.unions_of(unions)
        tagged: dict[int, Node] = {}
        for node in descendants(schema):
            if id(node) in alike:
                found = _with_discriminator(node, automaton.definitions)
                if found is not None:
                    tagged[id(node)] = found
                elif id(node) in unions:
                    return Discriminated(schema, node)
        schema = _replaced(schema, tagged)


def _replaced(schema: Node, tagged: Mapping[int, Node]) -> dict[str, Any]:
    def change(node: Node) -> dict[str, Any]:
        return rebuilt(tagged.get(id(node), node), change)

    return change(schema)


def _with_discriminator(union: Node, definitions: Mapping[str, Node]) -> Node | None:
    """The union with its models as one tagged union. None if no field distinguishes them."""
    choices = choices_of(union)
    tags = [_tags_of(choice, definitions) for choice in choices]
    models = [index for index, found in enumerate(tags) if found]
    if len(models) < 2:
        return None
    for paths in tags[models[0]]:
        values = [tags[index].get(paths) for index in models]
        if all(values) and len(frozenset().union(*values)) == sum(map(len, values)):  # type: ignore[arg-type]
            by_tag = {
                tag: choices[index]
                for index, found in zip(models, values, strict=True)
                for tag in sorted(found or (), key=repr)
            }
            made: dict[str, Any] = {"type": "tagged-union", "choices": by_tag, "discriminator": _discriminator(paths)}
            others = [choice for index, choice in enumerate(choices) if index not in models]
            rest = {
                key: value for key, value in union.items() if key not in ("type", "choices", "mode", "auto_collapse")
            }
            if not others:
                return made | rest
            return {**union, "choices": [made, *others] if models[0] == 0 else [*others, made]}
    return None


def _discriminator(paths: tuple[Path, ...]) -> Any:
    return paths[0][0] if len(paths) == 1 and len(paths[0]) == 1 else [list(path) for path in paths]


def _tags_of(schema: Node, definitions: Mapping[str, Node], config: Mapping[str, Any] = _NO_CONFIG) -> Tags:
    """The fields of a model that accept only certain strings or integers. Empty for other schemas."""
    kind = schema.get("type")
    config = schema.get("config") or config
    if kind == "definition-ref":
        return _tags_of(definitions[schema["schema_ref"]], definitions)
    if kind in ("model", "dataclass", "function-after"):
        if schema.get("custom_init") or schema.get("root_model"):
            return {}
        return _tags_of(schema["schema"], definitions, config)
    if kind in ("union", "tagged-union"):
        choices = choices_of(schema) if kind == "union" else list(schema["choices"].values())
        each = [_tags_of(choice, definitions) for choice in choices]
        return {
            paths: frozenset().union(*(tags[paths] for tags in each))
            for paths in each[0]
            if all(paths in tags for tags in each)
        }
    if kind in ("model-fields", "typed-dict", "dataclass-args"):
        return _tags_of_fields(schema, config)
    return {}


def _tags_of_fields(schema: Node, config: Mapping[str, Any]) -> Tags:
    fields = schema["fields"]
    named = fields.items() if isinstance(fields, Mapping) else [(part["name"], part) for part in fields]
    found: Tags = {}
    for name, part in named:
        inner = part["schema"]
        required = part.get("required", schema.get("total", True)) if schema["type"] == "typed-dict" else True
        # Only strings and integers: a member of an enum is also accepted by its value, which pydantic handles.
        if required and inner["type"] == "literal" and all(type(value) in (str, int) for value in inner["expected"]):
            found[_paths(name, part, config)] = frozenset(inner["expected"])
    return found


def _paths(name: str, part: Node, config: Mapping[str, Any]) -> tuple[Path, ...]:
    aliases = tuple(tuple(path) for path in paths_of(part))
    if not aliases or config.get("validate_by_alias") is False:
        return ((name,),)
    return (*aliases, (name,)) if config.get("validate_by_name") or config.get("populate_by_name") else aliases


def member_names(union: Node) -> list[str]:
    """The names of a union's members, for messages."""
    return [_name_of(choice) for choice in choices_of(union)]


def _name_of(schema: Node) -> str:
    if "cls" in schema:
        return str(schema["cls"].__name__)
    if schema["type"] == "definition-ref":
        return str(schema["schema_ref"]).partition(":")[0].rpartition(".")[2]
    inner = schema.get("schema")
    return _name_of(inner) if isinstance(inner, Mapping) else str(schema["type"])

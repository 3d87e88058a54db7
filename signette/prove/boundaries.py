"""Values at the edges of what a schema allows, where faults are: zero, limits, empty and blank texts."""

from collections.abc import Iterator, Mapping
from typing import Any

from signette.prove.law import ProvedOperation
from signette.prove.schemas import Schemas

Place = tuple[str, str]
"""`query` or `body`, and a name."""
LONGEST = 1000


def boundaries_of(operation: ProvedOperation, schemas: Schemas) -> dict[Place, tuple[Any, ...]]:
    """Values that fit the schemas of query parameters and of members of a JSON body."""
    described: dict[Place, Any] = {}
    for each in operation.definition.get("parameters", ()):
        parameter = operation.resolve(each)
        if parameter["in"] == "query":
            described["query", parameter["name"]] = parameter.get("schema", {})
    content = operation.resolve(operation.definition.get("requestBody", {})).get("content", {})
    body = operation.resolve(content.get("application/json", {}).get("schema", {}))
    described |= {("body", name): schema for name, schema in body.get("properties", {}).items()}
    found = {}
    for place, schema in described.items():
        values = dict.fromkeys(_edges(operation, operation.resolve(schema)))
        fitting = tuple(value for value in values if schemas.problem(schema, value) is None)
        if fitting:
            found[place] = fitting
    return found


def _edges(operation: ProvedOperation, schema: Mapping[str, Any]) -> Iterator[Any]:
    """Values that may fit."""
    for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _edges(operation, operation.resolve(branch))
    if "enum" in schema or "const" in schema:
        return
    match schema.get("type"):
        case "integer" | "number":
            yield from (0, 1, -1)
            for name in ("minimum", "maximum"):
                if name in schema:
                    yield schema[name]
            if "exclusiveMinimum" in schema:
                yield schema["exclusiveMinimum"] + 1
            if "exclusiveMaximum" in schema:
                yield schema["exclusiveMaximum"] - 1
        case "string" if "format" not in schema:
            yield from ("", " ")
            yield "a" * min(schema.get("minLength", 1), LONGEST)
            if schema.get("maxLength", LONGEST) < LONGEST:
                yield "a" * schema["maxLength"]

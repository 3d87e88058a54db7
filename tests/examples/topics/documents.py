"""OpenAPI documents of both sides, as far as they are to say the same."""

from collections.abc import Iterator
from typing import Any

METHODS = ("get", "put", "post", "delete", "patch")
NULL = {"type": "null"}


class Contract:
    """Parts of a document under their places: parameters, bodies, results, words, schemes.

    Models stand where they are meant, as their names are another matter. Left out is what says nothing of what is sent:
    titles made of names, capitals in summaries, `default: null`, that a parameter or a field of a form may be null.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.parts = document.get("components", {})
        self.paths = document["paths"]

    def places(self) -> dict[tuple[str, ...], Any]:
        found: dict[tuple[str, ...], Any] = {}
        for path, item in self.paths.items():
            for method in METHODS:
                if method in item:
                    found |= {(method, path, *place): part for place, part in self.operation(item[method])}
        return found | {("scheme", name): each for name, each in self.parts.get("securitySchemes", {}).items()}

    def operation(self, operation: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
        for each in operation.get("parameters", ()):
            words = {key: each.get(key) for key in ("required", "description", "deprecated")}
            schema = without_null(self.plain(each["schema"]))
            yield ("parameter", each["in"], each["name"]), words | {"schema": schema | words}
        body = operation.get("requestBody", {})
        yield ("body", "required"), body.get("required", False)
        for kind, media in body.get("content", {}).items():
            schema = self.plain(media["schema"])
            if "properties" in schema and "json" not in kind:
                schema["properties"] = {name: without_null(each) for name, each in schema["properties"].items()}
                schema.pop("description", None)
            yield ("body", kind), schema
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                yield ("result", status), self.plain(response.get("content", {}))
        declared = {key: operation.get(key) for key in ("description", "tags", "deprecated", "security")}
        yield ("words",), declared | {"summary": operation["summary"].lower()}

    def plain(self, schema: Any) -> Any:
        """A schema with its models in their places, and without what says nothing."""
        if isinstance(schema, list):
            return [self.plain(each) for each in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            schema = self.parts["schemas"][schema["$ref"].rpartition("/")[2]] | {
                key: value for key, value in schema.items() if key != "$ref"
            }
        left_out = {("title", str), ("default", type(None)), ("format", "binary")}
        return {
            key: self.plain(value)
            for key, value in schema.items()
            if (key, type(value)) not in left_out and (key, value if isinstance(value, str) else None) not in left_out
        }


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """What a text may be that is either there or not."""
    if NULL not in schema.get("anyOf", ()):
        return schema
    left = [each for each in schema["anyOf"] if each != NULL]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**rest, **left[0]} if len(left) == 1 else {**rest, "anyOf": left}

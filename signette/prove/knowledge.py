"""What is known from earlier responses: ids and other values that reach the declared responses of other operations.

A value is known by where it was: `Location` headers, links and texts that match a path template give the values of path
parameters; members of JSON bodies are found by their names. OpenAPI `links` and the examples of the document say more.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from signette.prove.candidates import Candidates
from signette.prove.law import Exchange, ProvedOperation
from signette.prove.operations import Template

# How many values are kept of a name: the first ones.
MOST = 6
IDS = ("id", "uuid", "key", "code", "slug", "name")
LONGEST = 200
LINKS = re.compile(r"<([^>]*)>")


class Knowledge:
    """Values of responses, and what they can be used for."""

    def __init__(self, operations: tuple[ProvedOperation, ...]) -> None:
        self._operations = {each.name: each for each in operations}
        self._templates = {each.path: Template(each.path) for each in operations}
        self._paths: dict[tuple[str, str], list[Any]] = {}  # (template, parameter) -> values
        self._members: dict[tuple[str, str], list[Any]] = {}  # (template, member) -> values
        self._linked: dict[tuple[str, str], list[Any]] = {}  # (operation, parameter) -> values

    def learn(self, operation: ProvedOperation, exchange: Exchange) -> None:
        """Note the values of a successful response."""
        if not exchange.is_success:
            return
        self._learn_paths(exchange.request.path)
        for name in ("location", "content-location"):
            self._learn_paths(exchange.header(name) or "")
        for link in LINKS.findall(exchange.header("link") or ""):
            self._learn_paths(link)
        body = json_of(exchange)
        for name, value in leaves(body):
            if isinstance(value, str) and "/" in value:
                self._learn_paths(value)
            if not isinstance(value, str) or 0 < len(value) <= LONGEST:
                _add(self._members, (operation.path, name), value)
        self._learn_links(operation, exchange, body)

    def _learn_paths(self, url: str) -> None:
        try:
            path = urlsplit(url).path if "://" in url or url.startswith("/") else ""
        except ValueError:  # "//[" is not a URL
            return
        if not path or path in self._templates:
            return  # `export` of `/items/export` is no value of `/items/{item_id}`
        for template, found in self._templates.items():
            for name, value in (found.values(path) or {}).items():
                _add(self._paths, (template, name), value)

    def _learn_links(self, operation: ProvedOperation, exchange: Exchange, body: Any) -> None:
        """OpenAPI links (OAS 3.1 §4.8.20): expressions of the response for the parameters of another operation."""
        declared = operation.response_for(exchange.status or 0) or {}
        for described in declared.get("links", {}).values():
            link = operation.resolve(described)
            for parameter, expression in link.get("parameters", {}).items():
                value = _evaluated(str(expression), exchange, body)
                if value is not None and "operationId" in link:
                    _add(self._linked, (link["operationId"], parameter.rpartition(".")[2]), value)

    def candidates(self, operation: ProvedOperation) -> Candidates:
        """Values for the parameters and the body of an operation."""
        path, query, body = {}, {}, {}
        bodies: tuple[Any, ...] = ()
        for described in operation.definition.get("parameters", ()):
            parameter = operation.resolve(described)
            name = parameter["name"]
            examples = _examples_of(operation, parameter)
            if parameter["in"] == "path":
                found = [*examples, *self._for_path(operation, name)]
                if found:
                    path[name] = tuple(found)
            elif parameter["in"] == "query" and (known := [*examples, *self._linked.get((operation.name, name), ())]):
                query[name] = tuple(known)
        content = operation.resolve(operation.definition.get("requestBody", {})).get("content", {})
        media = content.get("application/json", {})
        if media:
            bodies = tuple(_examples_of(operation, media))
            members = _schema(operation, media).get("properties", {})
            body = {
                name: tuple(known)
                for name, schema in members.items()
                if (known := _examples_of(operation, {"schema": schema}) or self._for_member(operation, name))
            }
        return Candidates(path, query, body, bodies)

    def _for_path(self, operation: ProvedOperation, name: str) -> list[Any]:
        """Values for a path parameter, the likely ones first: it is the id of what the path before it lists."""
        found = [*self._linked.get((operation.name, name), ()), *self._paths.get((operation.path, name), ())]
        collection = operation.path.partition("{" + name + "}")[0].rstrip("/")
        resource = collection.rpartition("/")[2]
        for template, values in self._paths.items():
            if template[1] == name and template[0].startswith(f"{collection}/"):
                found += values
        names = (name, *IDS, *(f"{resource.removesuffix('s')}_{each}" for each in IDS))
        for wanted in dict.fromkeys(names):
            for (template_path, member), values in self._members.items():
                is_near = template_path == collection or template_path.startswith(f"{collection}/{{")
                if member.lower() == wanted.lower() and (is_near or member == name):
                    found += values
        return list(dict.fromkeys(value for value in map(str, found) if value))[:MOST]

    def _for_member(self, operation: ProvedOperation, name: str) -> list[Any]:
        """Values for a member of a JSON body that names something else: `offer_id`, `offer`."""
        if not name.endswith(("_id", "Id")):
            return []
        resource = name.removesuffix("_id").removesuffix("Id").lower()
        found = []
        for (path, member), values in self._members.items():
            is_its_id = member == "id" and path.rpartition("/")[2].lower().startswith(resource)
            if path != operation.path and (member == name or is_its_id):
                found += values
        return _unlike(found)[:MOST]


def json_of(exchange: Exchange) -> Any:
    """The body as JSON, or None."""
    if "json" not in exchange.media_type or not exchange.complete:
        return None
    try:
        return exchange.json()
    except ValueError:
        return None


def leaves(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The texts and numbers of a JSON value, with the names of their members. Of a long list the first items."""
    if isinstance(value, dict) and depth < 6:
        for key, member in value.items():
            yield from leaves(member, key, depth + 1)
    elif isinstance(value, list) and depth < 6:
        for item in value[:MOST]:
            yield from leaves(item, name, depth + 1)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield name, value


def _evaluated(expression: str, exchange: Exchange, body: Any) -> Any:
    """A runtime expression of a link (OAS 3.1 §4.8.20.1), or None."""
    if expression.startswith("$response.body#"):
        for step in filter(None, expression.partition("#")[2].split("/")):
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(body, dict):
                body = body.get(key)
            elif isinstance(body, list) and key.isdecimal() and int(key) < len(body):
                body = body[int(key)]
            else:
                return None
        return body if isinstance(body, str | int | float) else None
    if expression.startswith("$response.header."):
        return exchange.header(expression.removeprefix("$response.header."))
    return None if expression.startswith("$") else expression


def _examples_of(operation: ProvedOperation, described: Mapping[str, Any]) -> list[Any]:
    """The examples of a parameter or a media type, and of its schema."""
    schema = _schema(operation, described)
    examples = [described["example"]] if "example" in described else []
    named = (operation.resolve(each) for each in described.get("examples", {}).values())
    examples += [each["value"] for each in named if "value" in each]
    examples += schema.get("examples", ())
    examples += [schema["example"]] if "example" in schema else []
    return _unlike(examples)


def _schema(operation: ProvedOperation, described: Mapping[str, Any]) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = operation.resolve(described.get("schema", {}))
    return schema


def _unlike(values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def _add(values: dict[tuple[str, str], list[Any]], key: tuple[str, str], value: Any) -> None:
    known = values.setdefault(key, [])
    if value not in known and len(known) < MOST:
        known.append(value)

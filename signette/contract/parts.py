"""Parts of operations in an OpenAPI document -> those of a contract: inputs, bodies, responses, problems, security."""

from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

from signette.contract.errors import ContractError
from signette.contract.keys import input_key, media_type_key
from signette.contract.model import (
    Body,
    Content,
    Header,
    Input,
    Place,
    ProblemContract,
    Requirement,
    Response,
    Schema,
)
from signette.contract.references import followed, items_of, members_of
from signette.contract.schemas import Schemas, plain, text_of_json

PROBLEM = "application/problem+json"
_STYLES: Mapping[str, str] = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
# OpenAPI 3.1 §4.8.17.1: the header is described by the media types of the content.
_NOT_A_HEADER = "content-type"


class Parts:
    """Reads the parts of the operations of a document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.schemas = Schemas(document)
        self.schemes: set[str] = set()
        """The names of the security schemes that operations require."""

    def follow(self, value: Any) -> Mapping[str, Any]:
        """An object of the document, after its references."""
        return followed(self.document, value)

    def inputs(self, path: str, *lists: Any) -> dict[str, Input]:
        """The inputs in lists of Parameter Objects; the later lists count."""
        found: dict[str, Input] = {}
        for each in (each for parameters in lists for each in items_of(parameters)):
            parameter = self.follow(each)
            place, name = parameter.get("in"), parameter.get("name")
            if place not in get_args(Place) or not isinstance(name, str):
                raise ContractError(
                    f"the parameter `{name}` is in `{place}`", f"use one of: {', '.join(get_args(Place))}"
                )
            known = cast(Place, place)
            found[input_key(known, name, path)] = self._input(known, name, parameter)
        return found

    def _input(self, place: Place, name: str, parameter: Mapping[str, Any]) -> Input:
        media_type, media = next(iter(members_of(parameter.get("content")).items()), (None, {}))
        media = self.follow(media)
        schema = self.schemas.of(parameter.get("schema", media.get("schema", {})))
        style = str(parameter.get("style", _STYLES.get(place, "form")))
        made: Input = {
            "in": place,
            "name": name,
            "required": bool(parameter.get("required")) or place == "path",
            "deprecated": bool(parameter.get("deprecated") or schema.pop("deprecated", False)),
            "style": style,
            "explode": bool(parameter.get("explode", style == "form")),
            "schema": schema,
        }
        if "default" in schema:
            made["default"] = schema.pop("default")
        if media_type is not None:
            made["media_type"] = media_type_key(media_type)
        if parameter.get("allowEmptyValue"):
            made["allow_empty"] = True
        if parameter.get("allowReserved"):
            made["allow_reserved"] = True
        return made

    def body(self, value: Any) -> Body | None:
        """The body of a Request Body Object."""
        if value is None:
            return None
        body = self.follow(value)
        return {"required": bool(body.get("required")), "contents": self._contents(body.get("content"))}

    def responses(self, value: Any) -> tuple[dict[str, Response], dict[str, ProblemContract]]:
        """The responses by status, and the problems among them."""
        responses: dict[str, Response] = {}
        problems: dict[str, ProblemContract] = {}
        for status, each in members_of(value).items():
            if str(status).startswith("x-"):
                continue
            key = str(status) if str(status).lower() != "default" else "default"
            response = self.follow(each)
            content = {media_type_key(name): media for name, media in members_of(response.get("content")).items()}
            problem = content.pop(PROBLEM, None)
            responses[key.upper() if key != "default" else key] = {
                "contents": self._contents(content),
                "headers": self._headers(response.get("headers")),
            }
            if problem is not None:
                problems |= self._problems(
                    key.upper() if key != "default" else key, self.follow(problem).get("schema", {})
                )
        return responses, problems

    def _contents(self, value: Any) -> dict[str, Content]:
        return {media_type_key(name): self._content(self.follow(media)) for name, media in members_of(value).items()}

    def _content(self, media: Mapping[str, Any]) -> Content:
        schemas = [media["schema"]] if "schema" in media else []
        if "itemSchema" in media:  # OpenAPI 3.2 §4.14: a stream of these items, which 3.1 has as an array
            schemas.append({"type": "array", "items": media["itemSchema"]})
        found: Content = {"schema": self.schemas.of({"allOf": schemas} if len(schemas) > 1 else (*schemas, {})[0])}
        encoding = members_of(media.get("encoding"))
        if encoding:
            found["encoding"] = {name: self._encoding(members_of(each)) for name, each in encoding.items()}
        return found

    def _encoding(self, encoding: Mapping[str, Any]) -> dict[str, Any]:
        found = {key: plain(value) for key, value in encoding.items() if key != "headers" and not key.startswith("x-")}
        headers = self._headers(encoding.get("headers"))
        return found | ({"headers": headers} if headers else {})

    def _headers(self, value: Any) -> dict[str, Header]:
        found: dict[str, Header] = {}
        for name, each in members_of(value).items():
            header = self.follow(each)
            media = members_of(next(iter(members_of(header.get("content")).values()), {}))
            schema = self.schemas.of(header.get("schema", media.get("schema", {})))
            if name.lower() != _NOT_A_HEADER:
                found[name.lower()] = {"required": bool(header.get("required")), "schema": schema}
        return found

    def _problems(self, status: str, schema: Any) -> dict[str, ProblemContract]:
        found: dict[str, ProblemContract] = {}
        untyped: list[Schema] = []
        for each in self._members(schema):
            kind, made = self._type_of(each), self.schemas.of(each)
            if kind is None:
                untyped.append(made)
            else:
                found[f"{status} {kind}"] = {"status": status, "type": kind, "schema": made}
        if untyped:
            ordered = sorted(untyped, key=text_of_json)
            whole = ordered[0] if len(ordered) == 1 else {"anyOf": ordered}
            found[status] = {"status": status, "type": None, "schema": whole}
        return found

    def _members(self, schema: Any) -> Iterable[Any]:
        """The alternatives of the schema of problems."""
        seen = self.follow(schema) if isinstance(schema, Mapping) else {}
        for key in ("anyOf", "oneOf"):
            if isinstance(seen.get(key), list) and "properties" not in seen:
                return [inner for each in seen[key] for inner in self._members(each)]
        return [schema]

    def _type_of(self, schema: Any) -> str | None:
        """The problem type of a schema, if it has only one."""
        seen = self.follow(schema) if isinstance(schema, Mapping) else {}
        kind = members_of(seen.get("properties")).get("type")
        if not isinstance(kind, Mapping):
            return None
        values = [kind["const"]] if "const" in kind else kind.get("enum", ())
        return str(values[0]) if len(values) == 1 else None

    def security(self, operation: Mapping[str, Any]) -> list[list[Requirement]]:
        """The alternatives of credentials; those of the document, unless the operation sets them."""
        alternatives: dict[str, list[Requirement]] = {}
        for each in map(members_of, items_of(operation.get("security", self.document.get("security")))):
            found: list[Requirement] = [
                {"scheme": name, "scopes": sorted(set(map(str, items_of(scopes))))}
                for name, scopes in sorted(each.items())
            ]
            self.schemes.update(each)
            alternatives[text_of_json(found)] = found
        ordered = [found for _, found in sorted(alternatives.items())]
        return ordered if any(ordered) else []

    def used_schemes(self) -> dict[str, dict[str, Any]]:
        """The security schemes that operations require."""
        known = members_of(members_of(self.document.get("components")).get("securitySchemes"))
        return {name: _scheme(self.follow(known[name])) for name in self.schemes if name in known}


def _scheme(scheme: Mapping[str, Any]) -> dict[str, Any]:
    """A Security Scheme Object without what is for people."""
    kept = {key: plain(value) for key, value in scheme.items() if not key.startswith("x-")}
    found = {key: value for key, value in kept.items() if key not in ("description", "bearerFormat")}
    if isinstance(found.get("scheme"), str):
        found["scheme"] = found["scheme"].lower()  # RFC 9110 §11.1
    if isinstance(found.get("flows"), Mapping):
        found["flows"] = {
            name: {**flow, "scopes": sorted(flow.get("scopes") or ())}
            for name, flow in found["flows"].items()
            if isinstance(flow, Mapping)
        }
    return found

"""Responses of a plan -> OpenAPI responses: results, problems and errors of the request, by status."""

import inspect
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import field
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.openapi.conditional import validator_fields
from signette.declarative.openapi.dialect import Dialect
from signette.declarative.openapi.results import JSON, Result, contents_of
from signette.declarative.openapi.schemas import Part, Schema, Schemas
from signette.declarative.plan.steps import Plan
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.returns.kind import Reply, ResponseSpec
from signette.declarative.routing.merging import deep_merge
from signette.declarative.security.requirements import is_scheme
from signette.declarative.sources.patch import accept_patch_of
from signette.exceptions import phrase_of
from signette.problems import PROBLEM_MEDIA_TYPE, Problem

# The descriptions of errors that are sent before the endpoint is called (decision 4).
ERRORS: Mapping[int, str] = {
    400: "Bad request: the request is malformed.",
    401: "Unauthorized: credentials are missing or invalid.",
    404: "Not found: a path parameter has the wrong type.",
    409: "Conflict: the patch does not fit the current state of the resource.",
    413: "Content too large: the request body exceeds the limit.",
    415: "Unsupported media type: the operation does not accept this media type.",
    416: "Range not satisfiable: no requested range is in the file.",
    422: "Validation error: values in the request are invalid.",
}
_HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "The authentication schemes to use."},
    415: {"Accept-Post": "The supported media types."},
}
# RFC 8288, with the relation types of each way to page.
_LINKS: Mapping[str, str] = {
    "cursor": "The URLs of the first and the next page.",
    "offset": "The URLs of the first, the previous, the next and the last page, as far as they exist and are known.",
}
_PLACES = frozenset({"path", "query", "header", "cookie", "body", "form"})
_RANGES = {"1XX": "Informational", "2XX": "Success", "3XX": "Redirection", "4XX": "Client error",
           "5XX": "Server error", "DEFAULT": "Any other response"}  # fmt: skip


@dataclass(slots=True)
class _Response:
    """The response object of a status while it is built: several responses may share a status."""

    descriptions: list[str] = field(default_factory=list)
    content: dict[str, list[Schema]] = field(default_factory=dict)
    """Media type objects by media type."""
    headers: dict[str, str] = field(default_factory=dict)

    def add(self, description: str, media_type: str | None, media: Schema) -> None:
        if description not in self.descriptions:
            self.descriptions.append(description)
        if media_type is not None:
            every = self.content.setdefault(media_type, [])
            if media and media not in every:
                every.append(media)

    def as_dict(self) -> Schema:
        response: Schema = {"description": "\n\n".join(self.descriptions)}
        if self.headers:
            response["headers"] = {
                name: {"schema": {"type": "string"}} | ({"description": description} if description else {})
                for name, description in self.headers.items()
            }
        if self.content:
            response["content"] = {media_type: merge_media(every) for media_type, every in self.content.items()}
        return response


def merge_media(media: list[Schema]) -> Schema:
    """One media type object for several, with `anyOf` (not `oneOf`, as values may match several schemas)."""
    keys = dict.fromkeys(key for each in media for key in each)
    schemas = {key: [each[key] for each in media if key in each] for key in keys}
    return {key: found[0] if len(found) == 1 else {"anyOf": found} for key, found in schemas.items()}


class Responses:
    """Writes the responses of operations. The schemas of errors are shared by all operations of a document."""

    def __init__(
        self, schemas: Schemas, errors: ProblemFormat, dialect: Dialect, problem_members: Mapping[str, Any]
    ) -> None:
        self.schemas = schemas
        self.errors = errors
        self.dialect = dialect
        self.problem_members = problem_members
        self._error_schemas: dict[Any, Schema] = {}
        self._shared: dict[Hashable, tuple[Schema, Reply]] = {}

    def responses(self, plan: Plan, options: Mapping[str, Any]) -> Schema:
        """All responses of an operation by status, merged with the option `responses=`."""
        key = self._sharing_key(plan, options)
        if key is None:
            return self._render(plan.reply.responses, plan, options)
        if key not in self._shared:
            self._shared[key] = Part(self._render(plan.reply.responses, plan, options)), plan.reply
        return self._shared[key][0]

    def _sharing_key(self, plan: Plan, options: Mapping[str, Any]) -> Hashable | None:
        """What the responses of an operation depend on. None: on more than the key has."""
        # PERF: routes share replies, whose responses are a third of the time that a document takes.
        if plan.policies or "responses" in options or "response_description" in options:
            return None
        if any(is_scheme(call.target) for call in plan.calls):
            return None
        sources = tuple(id(read.source) for read in plan.reads)
        return id(plan.reply), id(options.get("errors")), plan.methods, plan.request_encodings, sources

    def expected(self, plan: Plan, options: Mapping[str, Any]) -> Schema:
        """The responses that the receiver of an outgoing request should send: all but errors of the request."""
        expected = [spec for spec in plan.reply.responses if not _is_request_error(spec)]
        return self._render(expected, plan, options)

    def _render(self, specs: Iterable[ResponseSpec], plan: Plan, options: Mapping[str, Any]) -> Schema:
        found: dict[int, _Response] = {}
        for spec in self._documented(specs, plan, options):
            self._add(found.setdefault(spec.status, _Response()), spec, plan.reply, options)
        if 415 in found and any(accept_patch_of(read.source) for read in plan.reads):
            found[415].headers["Accept-Patch"] = found[415].headers.pop("Accept-Post")
        if 415 in found and plan.request_encodings:
            if not any(415 in read.source.statuses for read in plan.reads):
                del found[415].headers["Accept-Post"]
            found[415].headers["Accept-Encoding"] = "The supported encodings, if the one of the body is not."
        for status, documented in found.items():
            documented.headers |= {**validator_fields(plan, status), **_headers_of_policies(plan, status)}
        as_dict = {str(status): response.as_dict() for status, response in found.items()}
        for status, response in options.get("responses", {}).items():
            key = _key(status)
            base = as_dict.get(key) or {"description": _description(key)}
            as_dict[key] = deep_merge(base, self._declared(response, options))
        # Numbers first, then ranges, then `default`.
        return {
            key: as_dict[key] for key in sorted(as_dict, key=lambda key: (key == "default", not key.isdigit(), key))
        }

    def _documented(
        self, specs: Iterable[ResponseSpec], plan: Plan, options: Mapping[str, Any]
    ) -> Iterable[ResponseSpec]:
        """The responses, with those errors of the request that the error format documents."""
        errors: ProblemFormat = options.get("errors") or self.errors
        others: list[ResponseSpec] = []
        possible: list[ResponseSpec] = []
        for spec in specs:
            (possible if _is_request_error(spec) else others).append(spec)
        credentials = {each.value for call in plan.calls if is_scheme(call.target) for each in call.arguments}
        reads_values = any(read.source.place in _PLACES and read.into not in credentials for read in plan.reads)
        declared = {_key(status) for status in options.get("responses", ())}
        chosen = errors.documented_errors(
            [spec.status for spec in possible], reads_values=reads_values, declared=declared
        )
        return [*others, *(ResponseSpec(status, None, description=text) for status, text in chosen.items())]

    def _add(self, response: _Response, spec: ResponseSpec, reply: Reply, options: Mapping[str, Any]) -> None:
        status = spec.status
        errors: ProblemFormat = options.get("errors") or self.errors
        if spec.problem is not None:
            description = inspect.cleandoc(spec.problem.__doc__ or "") or spec.problem.title
            response.add(description, errors.media_type, {"schema": self._error(errors, status, spec.problem)})
            response.headers |= dict.fromkeys(spec.problem.headers or (), "")
        elif _is_request_error(spec):
            description = spec.description or ERRORS.get(status) or _description(str(status))
            response.add(description, errors.media_type, {"schema": self._error(errors, status)})
            response.headers |= _HEADERS.get(status, {})
        else:
            description = spec.description or phrase_of(status) or "Success"
            if spec.kind is reply.kind and status == reply.status:
                description = options.get("response_description") or description
            for media_type, media in contents_of(Result(spec, reply, self.schemas, self.dialect)):
                response.add(description, media_type, media)
            if reply.paging is not None and spec.status == 200:
                response.headers["Link"] = _LINKS[reply.paging.parameter]

    def _error(self, errors: ProblemFormat, status: int, problem: type[Problem] | None = None) -> Schema:
        key = errors, problem or status
        if key not in self._error_schemas:
            module = problem.__module__ if problem is not None else "signette"
            schema = errors.schema(status, problem)
            if self.problem_members and errors.media_type == PROBLEM_MEDIA_TYPE:
                own = schema.get("properties", {})
                schema = {**schema, "properties": {**own, **self.problem_members, **own}}
            self._error_schemas[key] = self.schemas.adopt(schema, module)
        return self._error_schemas[key]

    def _declared(self, response: Mapping[str, Any], options: Mapping[str, Any]) -> Schema:
        """An entry of `responses=`: a response object, in which `model` is replaced by its schema."""
        declared: Schema = to_jsonable({key: value for key, value in response.items() if key != "model"})
        model = response.get("model")
        if model is None:
            return declared
        if isinstance(model, type) and issubclass(model, Problem):
            errors: ProblemFormat = options.get("errors") or self.errors
            content = {errors.media_type: {"schema": self._error(errors, model.status, model)}}
        else:
            content = {JSON: {"schema": self.schemas.output_schema(model)}}
        return deep_merge({"content": content}, declared)


def _headers_of_policies(plan: Plan, status: int) -> dict[str, str]:
    """The header fields that policies add to the responses with this status, with descriptions."""
    keys = ("*", f"{str(status)[0]}XX", status)
    every = [each.documentation.headers for each in plan.policies]
    return {name: text for headers in every for key in keys for name, text in headers.get(key, {}).items()}


def _is_request_error(spec: ResponseSpec) -> bool:
    """Whether it is an error that is sent before the endpoint is called."""
    return spec.kind is None and spec.problem is None and spec.status >= 400


def _key(status: int | str) -> str:
    """A key of `responses` in OpenAPI's spelling: `404` -> `"404"`, `4xx` -> `4XX`."""
    if isinstance(status, int):
        return str(int(status))
    return "default" if status.lower() == "default" else status.upper()


def _description(status: str) -> str:
    if status.isdigit():
        return phrase_of(int(status)) or f"Status {status}"
    return _RANGES.get(status.upper(), status)

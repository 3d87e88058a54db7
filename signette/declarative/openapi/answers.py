"""A reply's answers -> OpenAPI's responses: results, problems and refusals, by status."""

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.openapi.dialect import Dialect
from signette.declarative.openapi.results import JSON, Result, described
from signette.declarative.openapi.schemas import Schema, Schemas
from signette.declarative.plan.steps import Plan
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.returns.kind import Reply, ResponseSpec
from signette.declarative.routing.merging import deep_merge
from signette.exceptions import phrase_of
from signette.problems import Problem

# What the refusals of decision 4 mean to whoever reads the document.
REFUSALS: Mapping[int, str] = {
    400: "The request cannot be read: it is malformed.",
    401: "Credentials are missing or not accepted.",
    404: "Nothing is there: a piece of the path is of another kind.",
    413: "The body is larger than this operation takes.",
    415: "The body is of a media type that this operation does not take.",
    422: "The request was read, and values in it are not valid.",
}
_HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "How to authenticate."},
    415: {"Accept-Post": "The media types that are taken."},
}
_RANGES = {"1XX": "Information", "2XX": "Success", "3XX": "Redirection", "4XX": "The request's fault",
           "5XX": "The server's fault", "DEFAULT": "Any other answer"}  # fmt: skip


@dataclass(slots=True)
class _Response:
    """One status, with all that may be answered under it."""

    words: list[str] = field(default_factory=list)
    content: dict[str, list[Schema]] = field(default_factory=dict)
    """Media type objects by media type."""
    headers: dict[str, str] = field(default_factory=dict)

    def add(self, words: str, media_type: str | None, media: Schema) -> None:
        if words not in self.words:
            self.words.append(words)
        if media_type is not None:
            every = self.content.setdefault(media_type, [])
            if media and media not in every:
                every.append(media)

    def as_dict(self) -> Schema:
        response: Schema = {"description": "\n\n".join(self.words)}
        if self.headers:
            response["headers"] = {
                name: {"schema": {"type": "string"}} | ({"description": words} if words else {})
                for name, words in self.headers.items()
            }
        if self.content:
            response["content"] = {media_type: either(every) for media_type, every in self.content.items()}
        return response


def either(media: list[Schema]) -> Schema:
    """One media type object for several. `anyOf`, as a value that fits two schemas is no mistake."""
    words = dict.fromkeys(word for each in media for word in each)
    schemas = {word: [each[word] for each in media if word in each] for word in words}
    return {word: found[0] if len(found) == 1 else {"anyOf": found} for word, found in schemas.items()}


class Answers:
    """Writes the responses of operations; the schemas of errors are made once for a document."""

    def __init__(self, schemas: Schemas, errors: ProblemFormat, dialect: Dialect) -> None:
        self.schemas = schemas
        self.errors = errors
        self.dialect = dialect
        self._told: dict[Any, Schema] = {}

    def responses(self, plan: Plan, options: Mapping[str, Any]) -> Schema:
        """All answers of an operation by status, with what `responses=` says laid over them."""
        return self._render(plan.reply.responses, plan.reply, options)

    def expected(self, plan: Plan, options: Mapping[str, Any]) -> Schema:
        """The answers that are looked for where somebody else answers: all but this application's refusals."""
        own = [answer for answer in plan.reply.responses if not _is_refusal(answer)]
        return self._render(own, plan.reply, options)

    def _render(self, answers: Iterable[ResponseSpec], reply: Reply, options: Mapping[str, Any]) -> Schema:
        found: dict[int, _Response] = {}
        for answer in answers:
            self._add(found.setdefault(answer.status, _Response()), answer, reply, options)
        as_dict = {str(status): response.as_dict() for status, response in found.items()}
        for status, said in options.get("responses", {}).items():
            key = str(int(status)) if isinstance(status, int) else _range(status)
            as_dict[key] = deep_merge(as_dict.get(key) or {"description": _words(key)}, self._more(said, options))
        # As people look for them: numbers, ranges, `default`.
        return {
            key: as_dict[key] for key in sorted(as_dict, key=lambda key: (key == "default", not key.isdigit(), key))
        }

    def _add(self, response: _Response, answer: ResponseSpec, reply: Reply, options: Mapping[str, Any]) -> None:
        status = answer.status
        errors: ProblemFormat = options.get("errors") or self.errors
        if answer.problem is not None:
            words = inspect.cleandoc(answer.problem.__doc__ or "") or answer.problem.title
            response.add(words, errors.media_type, {"schema": self._error(errors, status, answer.problem)})
            response.headers |= dict.fromkeys(answer.problem.headers or (), "")
        elif _is_refusal(answer):
            words = answer.description or REFUSALS.get(status) or _words(str(status))
            response.add(words, errors.media_type, {"schema": self._error(errors, status)})
            response.headers |= _HEADERS.get(status, {})
        else:
            words = answer.description or phrase_of(status) or "Success"
            if answer.kind is reply.kind and status == reply.status:
                words = options.get("response_description") or words
            response.add(words, *described(Result(answer, reply, self.schemas, self.dialect)))

    def _error(self, errors: ProblemFormat, status: int, problem: type[Problem] | None = None) -> Schema:
        key = errors, problem or status
        if key not in self._told:
            module = problem.__module__ if problem is not None else "signette"
            self._told[key] = self.schemas.adopt(errors.schema(status, problem), module)
        return self._told[key]

    def _more(self, said: Mapping[str, Any], options: Mapping[str, Any]) -> Schema:
        """One entry of `responses=`: a response object in which `model` stands for a schema."""
        more: Schema = to_jsonable({key: value for key, value in said.items() if key != "model"})
        model = said.get("model")
        if model is None:
            return more
        if isinstance(model, type) and issubclass(model, Problem):
            errors: ProblemFormat = options.get("errors") or self.errors
            content = {errors.media_type: {"schema": self._error(errors, model.status, model)}}
        else:
            content = {JSON: {"schema": self.schemas.given(model)}}
        return deep_merge({"content": content}, more)


def _is_refusal(answer: ResponseSpec) -> bool:
    """Whether it is given before the endpoint is called."""
    return answer.kind is None and answer.problem is None and answer.status >= 400


def _range(status: str) -> str:
    """A key of responses as OpenAPI spells it: `4xx` -> `4XX`."""
    return "default" if status.lower() == "default" else status.upper()


def _words(status: str) -> str:
    if status.isdigit():
        return phrase_of(int(status)) or f"Status {status}"
    return _RANGES.get(status.upper(), status)

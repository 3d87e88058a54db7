"""Responses -> values of the types that the operation declares, and problems as their classes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from signette.client.runtime.errors import NotModified, UnexpectedResponse
from signette.client.runtime.packing import MESSAGE_PACK_TYPES, unpacked
from signette.client.runtime.pages import PageOf, next_parameter
from signette.client.runtime.schemas import ResponseType, reason_of
from signette.client.runtime.spec import OperationSpec, ProblemSpec, ResultSpec
from signette.client.runtime.transport import Pairs, header_of

STREAMED_KINDS = frozenset({"items", "events", "chunks", "text chunks", "file", "socket"})
"""The kinds of results that are read while they arrive."""

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Reply(Generic[ValueT]):
    """A result with its response: `await client.create_order.reply(order=order)`.

    Attributes:
        value: The result, which a call without `reply` returns.
        status: The status code.
        headers: The headers of the response; the names are in lower case.
    """

    value: ValueT
    status: int
    headers: Pairs = field(default_factory=list, repr=False)

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return header_of(self.headers, name.lower())

    @property
    def location(self) -> str | None:
        """The header `Location`: the URL of what was created, or to go to."""
        return self.header("location")


class ResponseDecoder:
    """Reads the responses of an operation. It is made once for each operation."""

    def __init__(self, operation: OperationSpec) -> None:
        self.operation = operation
        self._by_status = {each.status: each for each in operation.results}
        self._types: dict[Any, ResponseType] = {}
        self._readers: dict[int, ResponseType] = {}

    def result_of(self, status: int) -> ResultSpec | None:
        """The declared result of a status; None for an error, or a status that is not declared."""
        found = self._by_status.get(status)
        if found is None and status < 400 and status != 304:
            found = self._by_status.get(None)
        return found

    def decode(self, status: int, headers: Pairs, body: bytes) -> Any:
        """The value of a response.

        Raises the problem in it, unless the operation returns it, or NotModified or UnexpectedResponse.
        """
        result = self.result_of(status)
        if result is not None:
            return self.value_of(result, status, headers, body)
        if status == 304:
            raise NotModified(self.operation.name, headers)
        problem = self._problem_of(status, headers, body)
        if problem is None:
            raise UnexpectedResponse(self.operation, status, headers, body)
        spec, found = problem
        if spec.is_returned:
            return found
        raise found

    def value_of(self, result: ResultSpec, status: int, headers: Pairs, body: bytes) -> Any:
        """The value of a response with a declared result.

        Raises UnexpectedResponse.
        """
        media_type = media_type_in(headers)
        kind = result.kind
        if kind == "empty":
            return None
        if kind == "any":
            return untyped_value(result, headers, body)
        if kind == "text":
            return decoded_text(headers, body)
        if kind in ("json", "page"):
            if media_type in MESSAGE_PACK_TYPES and media_type in result.media_types:
                body = repacked(body)
            elif not is_json_type(media_type):
                raise UnexpectedResponse(self.operation, status, headers, body, "the body is not JSON")
            try:
                return self._json_value(result, headers, body)
            except (ValidationError, ValueError, LookupError, TypeError) as exc:
                reason = f"the body is not of the declared type: {reason_of(exc)}"
                raise UnexpectedResponse(self.operation, status, headers, body, reason) from exc
        return body

    def type_of(self, annotation: Any, result: ResultSpec | None = None) -> ResponseType:
        """What reads values of a type in responses."""
        key = (repr(annotation), result is None or result.by_alias, result is not None and result.is_partial)
        found = self._types.get(key)
        if found is None:
            found = self._types[key] = ResponseType(annotation, by_alias=key[1], is_partial=key[2])
        return found

    def _json_value(self, result: ResultSpec, headers: Pairs, body: bytes) -> Any:
        if result.kind == "page":
            return self._page(result, headers, body)
        # PERF: the reader of a whole body is found without the text of its type.
        reader = self._readers.get(id(result))
        if reader is None:
            reader = self._readers[id(result)] = self.type_of(result.type, result)
        if not result.envelope:
            return reader.of_json(body)
        return reader.of_value(json.loads(body)[result.envelope])

    def _page(self, result: ResultSpec, headers: Pairs, body: bytes) -> Any:
        members = json.loads(body)
        if result.envelope:
            members = members[result.envelope]
        paging = self.operation.paging
        items, following = ("items", "next") if paging is None else (paging.items, paging.next)
        reader = self.type_of(list[result.type], result)  # type: ignore[name-defined]  # a type at runtime
        parameter = "cursor" if paging is None else paging.argument
        return PageOf(
            reader.of_value(members[items]),
            next_parameter(parameter, members.get(following), headers),
            members.get("total"),
            headers,
        )

    def _problem_of(self, status: int, headers: Pairs, body: bytes) -> tuple[ProblemSpec, Any] | None:
        """The declared problem in a response, and its instance."""
        declared = [each for each in self.operation.problems if each.status == status]
        if not declared or not is_json_type(media_type_in(headers)):
            return None
        try:
            members = json.loads(body)
        except ValueError:
            return None
        if not isinstance(members, Mapping):
            return None
        named = [each for each in declared if members.get("type") == each.type]
        if "type" not in members and len(declared) == 1:  # an error format without types
            named = declared
        for each in named:
            try:
                return each, self._made_problem(each, members)
            except (ValidationError, TypeError, ValueError):
                continue
        return None

    def problem_in(self, body: bytes) -> Exception:
        """The problem that a stream has sent, as its class if it is declared, else as UnexpectedResponse."""
        headers = [("content-type", "application/problem+json")]
        status = next((each.status for each in self.operation.problems if each.type.encode() in body), 500)
        problem = self._problem_of(status, headers, body)
        if problem is not None and isinstance(problem[1], Exception):
            return problem[1]
        return UnexpectedResponse(self.operation, status, headers, body, "a problem in the stream is not declared")

    def _made_problem(self, spec: ProblemSpec, members: Mapping[str, Any]) -> Any:
        given = {
            name: self.type_of(annotation).of_value(members[name])
            for name, annotation in spec.members
            if name in members
        }
        return spec.cls(**given)


def media_type_in(headers: Pairs) -> str:
    """The media type of a response, without parameters and in lower case; "" without one."""
    return (header_of(headers, "content-type") or "").partition(";")[0].strip().lower()


def repacked(body: bytes) -> bytes:
    """The JSON text of a body in MessagePack; the body itself if it is not MessagePack."""
    try:
        return json.dumps(unpacked(body)).encode()
    except ValueError:
        return body


def is_json_type(media_type: str) -> bool:
    """Whether bodies of a media type are JSON."""
    return media_type == "application/json" or media_type.endswith("+json")


def decoded_text(headers: Pairs, body: bytes) -> str:
    """The text of a body, in the charset of its Content-Type."""
    _, _, parameters = (header_of(headers, "content-type") or "").partition(";")
    charset = next(
        (value.strip(' "') for name, _, value in (each.partition("=") for each in parameters.split(";"))
         if name.strip().lower() == "charset"),
        "utf-8",
    )  # fmt: skip
    try:
        return body.decode(charset, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def untyped_value(result: ResultSpec, headers: Pairs, body: bytes) -> Any:
    """The value of a body without a declared type: of JSON, a text, or bytes."""
    media_type = media_type_in(headers)
    if not body:
        return None
    if is_json_type(media_type):
        try:
            found = json.loads(body)
        except ValueError:
            return body
        return found.get(result.envelope) if result.envelope and isinstance(found, dict) else found
    return decoded_text(headers, body) if media_type.startswith("text/") else body

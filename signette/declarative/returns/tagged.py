"""The validators of a `Tagged` result, and what the preconditions of the request make of its response."""

import time
from collections.abc import Callable
from typing import Any

from signette._frameworks import is_response
from signette._http.conditional import NOT_MODIFIED, READS, entity_tag, evaluate, format_last_modified
from signette.conditional import conditions_for, raise_for, tag_in_format
from signette.declarative.returns.kind import Reply
from signette.declarative.returns.special import SPECIAL
from signette.declarative.signature.tagged import Tagged
from signette.exceptions import ResponseValidationError
from signette.responses.plain import Response
from signette.responses.selection import not_modified
from signette.types import Receive, Scope, Send


def untagging(reply: Reply) -> Callable[[Any], tuple[Any, Tagged[Any] | None]]:
    """A function from a result to its content, and the `Tagged` around it."""
    annotation, are_all_tagged = reply.annotation, reply.are_all_tagged

    def untag(result: Any) -> tuple[Any, Tagged[Any] | None]:
        if isinstance(result, Tagged):
            return result.content, result
        if are_all_tagged and not isinstance(result, SPECIAL) and not is_response(result):
            # The document has the fields, and clients may rely on them.
            raise ResponseValidationError(
                annotation, f"it is a `{type(result).__name__}` without `Tagged`", body=result
            )
        return result, None

    return untag


def with_validators(response: Response, tagged: Tagged[Any] | None, scope: Scope) -> Response:
    """The response with `ETag` and `Last-Modified`; or a 304, if the client has it.

    Raises what the other preconditions of a GET or HEAD lead to.
    """
    if tagged is None:
        return response
    headers = response.headers
    if tagged.etag is not None:
        headers.setdefault("etag", tag_in_format(entity_tag(tagged.etag, weak=tagged.weak), scope))
    if tagged.last_modified is not None:
        headers.setdefault("last-modified", format_last_modified(tagged.last_modified, time.time()))
    method = scope["method"]
    if method not in READS or not 200 <= response.status_code < 300:
        return response
    conditions = conditions_for(scope)
    if not conditions:
        return response
    validators = {name: headers.get(name) for name in ("etag", "last-modified")}
    if evaluate(conditions, method, validators["etag"], validators["last-modified"]) != NOT_MODIFIED:
        raise_for(conditions, method, validators)
        return response
    empty = Response(status_code=NOT_MODIFIED, background=response.background)
    empty.raw_headers = not_modified(response.raw_headers).headers
    return empty


class TaggedResponse(Response):
    """The response to a `Tagged` result of an endpoint without a return annotation: the type is known only now."""

    tagged: Tagged[Any]

    @classmethod
    def of(cls, response: Response, tagged: Tagged[Any]) -> "TaggedResponse":
        """Raises ResponseValidationError for a response that is not complete, such as a stream."""
        if type(response) is not Response:
            raise ResponseValidationError(None, f"it is `Tagged`, and its content a `{type(response).__name__}`")
        found = cls.__new__(cls)
        vars(found).update(vars(response))
        found.tagged = tagged
        return found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = with_validators(self, self.tagged, scope)
        await (super().__call__(scope, receive, send) if response is self else response(scope, receive, send))

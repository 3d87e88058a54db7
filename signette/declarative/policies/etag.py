"""`ETag`: an entity tag of each response, made of its bytes, and a 304 for a client that has them (RFC 9110 §13)."""

from typing import ClassVar

from signette._http.conditional import digest_of
from signette.datastructures.headers import Field, Headers
from signette.declarative.policies.base import CannotApply, Documentation, Operation, Policy
from signette.declarative.policies.exchange import CallNext, Exchange
from signette.declarative.returns.kind import ResponseSpec
from signette.declarative.returns.stream import is_streaming_class
from signette.declarative.signature.annotations import class_of
from signette.responses.selection import is_not_modified, not_modified
from signette.types import Message, Receive, Send


class ETag(Policy):
    """Tag responses to GET with the digest of their bytes, and respond with 304 to a client that has them.

    The option `etag=True` is short for it. The endpoint runs in any case: only the transfer is saved. The tag is weak,
    because middleware may compress the bytes. A response that has an `ETag` keeps it: that of a `Tagged` result, of
    `Conditional.check`, or of `Cached`. Only complete responses with status 200 get one: no streams and no files,
    which have their own. Responses to HEAD are sent without, as they have no bytes.
    """

    order: ClassVar[int] = 65

    def check(self, operation: Operation) -> CannotApply | None:
        """Not for other methods, streams, files and responses without content."""
        if operation.methods and "GET" not in operation.methods:
            return CannotApply(f"it tags responses to GET, not to {', '.join(operation.methods)} requests")
        if operation.is_forwarded:
            return None
        if operation.streams or is_streaming_class(class_of(operation.annotation)):
            problem = "the response is a stream, whose bytes are not known at its start"
            return CannotApply(problem, "return the whole result")
        kind = operation.plan.reply.kind
        if kind.conditional_responses and kind.conditional_responses(ResponseSpec(200, kind, operation.annotation)):
            return CannotApply("files have their own `ETag`")
        if operation.status != 200 and not operation.returns_response:
            return CannotApply(f"it tags responses with status 200, not {operation.status}")
        return None

    def document(self, operation: Operation) -> Documentation:  # noqa: ARG002 - the same for each operation
        """The header of a 200, and the 304."""
        headers = {"ETag": "The version of the response."}
        return Documentation(
            headers={200: headers, 304: headers},
            responses={304: "Not modified: the client has the current response."},
        )

    async def around(self, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext) -> None:
        """Keep the start of a response until its body comes, which is complete or else sent without a tag."""
        if exchange.scope["method"] != "GET":
            await call_next(receive, send)
            return
        start: Message | None = None

        async def tagged(message: Message) -> None:
            nonlocal start
            if start is None:
                if _may_be_tagged(message):
                    start = message
                    return
            else:
                kept, start = start, None
                if message["type"] == "http.response.body" and not message.get("more_body", False):
                    kept, message = _tagged(kept, message, exchange.scope["headers"])
                await send(kept)
            await send(message)

        await call_next(receive, tagged)


def _may_be_tagged(message: Message) -> bool:
    """Whether it is the start of a complete response. A stream has no length, and its start is not kept."""
    if message["type"] != "http.response.start" or message["status"] != 200 or message.get("trailers"):
        return False
    return any(name.lower() == b"content-length" for name, _ in message.get("headers", ()))


def _tagged(start: Message, body: Message, request_fields: list[Field]) -> tuple[Message, Message]:
    """The messages with a tag; those of a 304 if the client has it."""
    fields = [(name.lower(), value) for name, value in start.get("headers", ())]
    if all(name != b"etag" for name, _ in fields):
        fields.append((b"etag", f'W/"{digest_of(body.get("body", b""))}"'.encode()))
    if is_not_modified(Headers(raw=fields), Headers(raw=request_fields)):
        kept = not_modified(fields).headers
        return {**start, "status": 304, "headers": kept}, {"type": "http.response.body", "body": b""}
    return {**start, "headers": fields}, body

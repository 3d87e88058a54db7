"""The messages of a typed WebSocket: frames to values, and values to frames.

`str` alone is a text message as it is, `bytes` alone a binary one, and every other type is JSON in a text message.
`None` alone: there are no messages in this direction.
"""

from collections.abc import Callable
from typing import Any

from signette._http.json import dumps
from signette.declarative.adapters.error_entries import body_errors
from signette.declarative.adapters.serializers import dumper
from signette.declarative.adapters.validators import ValidationError, check_json
from signette.declarative.signature.annotations import strip_annotated
from signette.exceptions import ErrorEntry, HTTPException
from signette.problems import invalid_body, problem_body
from signette.types import Message
from signette.websockets import WebSocketDataError

# RFC 6455 §7.4.1.
UNSUPPORTED_DATA, INVALID_PAYLOAD, POLICY_VIOLATION = 1003, 1007, 1008


class InvalidSocketMessage(WebSocketDataError):
    """A message of the client is not of the declared type.

    If it is not handled, the WebSocket is closed: with 1003 if the message is text in place of binary or the reverse,
    or none is expected; with 1007 if it is not JSON, or not valid.

    Attributes:
        errors: The errors in the value, as problems have them: `pointer`, `code`, `message`. Empty without a value.
    """

    def __init__(self, code: int, reason: str, errors: list[ErrorEntry] | None = None) -> None:
        super().__init__(code, reason)
        self.errors = errors or []

    @property
    def problem(self) -> bytes:
        """The problem (RFC 9457) of this error, as JSON."""
        if self.errors:
            return dumps({**invalid_body(self.errors), "detail": self.reason})
        return dumps(problem_body(400, self.reason))


Decode = Callable[[Message], Any]
Encode = Callable[[Any], Message]


def is_none(annotation: Any) -> bool:
    """Whether there are no messages of this type."""
    return strip_annotated(annotation) in (None, type(None))


def is_json(annotation: Any) -> bool:
    """Whether messages of this type are JSON."""
    return not is_none(annotation) and annotation not in (str, bytes)


def decoder(annotation: Any) -> Decode:
    """A function that makes the value of a message from the client, or raises InvalidSocketMessage."""
    if is_none(annotation):
        return _unexpected
    if annotation is str:
        return _text_of
    if annotation is bytes:
        return _bytes_of
    check = check_json(annotation)

    def decode(message: Message) -> Any:
        data = _text_of(message).encode("utf-8", "surrogatepass")
        try:
            return check(data)
        except ValidationError as exc:
            raise _invalid(exc, data) from None
        except HTTPException as exc:  # NaN or infinity
            raise InvalidSocketMessage(INVALID_PAYLOAD, str(exc.detail)) from None

    return decode


def encoder(annotation: Any) -> Encode:
    """A function that makes a message to the client from a value."""
    if is_none(annotation):
        return _no_message
    if annotation is str:
        return _text_message
    if annotation is bytes:
        return _binary_message
    dump = dumper(annotation)

    def encode(value: Any) -> Message:
        return {"type": "websocket.send", "text": dump(value).decode()}

    return encode


def _invalid(exc: ValidationError, data: bytes) -> InvalidSocketMessage:
    try:
        errors = body_errors(exc, data)
    except HTTPException as not_json:
        return InvalidSocketMessage(INVALID_PAYLOAD, str(not_json.detail))
    for each in errors:
        each["in"] = "message"
    first = errors[0]
    return InvalidSocketMessage(INVALID_PAYLOAD, f"{first.get('pointer', '')} {first['message']}".lstrip(), errors)


def _unexpected(_: Message) -> Any:
    raise InvalidSocketMessage(UNSUPPORTED_DATA, "No message is expected from the client")


def _text_of(message: Message) -> str:
    text: str | None = message.get("text")
    if text is None:
        raise InvalidSocketMessage(UNSUPPORTED_DATA, "Expected a text message, got a binary message")
    return text


def _bytes_of(message: Message) -> bytes:
    data: bytes | None = message.get("bytes")
    if data is None:
        raise InvalidSocketMessage(UNSUPPORTED_DATA, "Expected a binary message, got a text message")
    return data


def _no_message(value: Any) -> Message:
    raise TypeError(f"the socket sends no messages, so not {value!r}: its second type is `None`")


def _text_message(value: Any) -> Message:
    if not isinstance(value, str):
        raise TypeError(f"the socket sends `str`, not {value!r}")
    return {"type": "websocket.send", "text": value}


def _binary_message(value: Any) -> Message:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise TypeError(f"the socket sends `bytes`, not {value!r}")
    return {"type": "websocket.send", "bytes": bytes(value)}

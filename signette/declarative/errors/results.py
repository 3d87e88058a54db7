"""Errors in return types."""

from typing import Any

from signette.declarative.errors.base import SignatureError, format_type
from signette.declarative.signature.model import SourceLocation


def websocket_generator(location: SourceLocation) -> SignatureError:
    return SignatureError(
        location,
        "a WebSocket endpoint cannot use `yield`",
        "send each message: `await socket.send_json(...)`",
    )


def body_not_allowed(location: SourceLocation, status: int, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"a {status} response has no body, but the endpoint returns `{format_type(annotation)}`",
        "annotate `-> None`, or use another `status_code=`",
    )


def response_in_union(location: SourceLocation, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`-> {format_type(annotation)}` mixes a `Response` with other types, which OpenAPI cannot describe",
        "annotate the other type alone (you may still return a `Response`), or pass `response_model=None`",
    )


def unsupported_return_type(location: SourceLocation, annotation: Any, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"`-> {format_type(annotation)}` is not JSON-serializable: {why}",
        "return a type that pydantic supports, or a `Response`; `response_model=None` skips response validation",
    )


def generator_return_type(location: SourceLocation, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"the endpoint is a generator, but its return type `{format_type(annotation)}` is not an iterator",
        "annotate what it yields: `-> AsyncIterator[Row]` or `-> Iterator[Row]`",
    )


def response_model_without_outcome(
    location: SourceLocation, returns: Any, model: Any, outcome: type[Any]
) -> SignatureError:
    word, written = outcome.__name__, format_type(model)
    fixed = f"{word}[{written}]" if getattr(outcome, "__parameters__", ()) else f"{written} | {word}"
    return SignatureError(
        location,
        f"the endpoint returns `{format_type(returns)}`, and `response_model={written}` has no `{word}`",
        f"write `response_model={fixed}`",
    )


def invalid_validate_responses(location: SourceLocation, value: Any) -> SignatureError:
    return SignatureError(
        location,
        f"invalid value `validate_responses={value!r}`",
        'use "strict", "warn" or "off", or a number from 0 to 1 for a share of the responses, such as 0.01',
    )


def sync_websocket(location: SourceLocation) -> SignatureError:
    return SignatureError(location, "a WebSocket endpoint must be `async def`", "write `async def`")


def duplicate_problem_type(location: SourceLocation, first: str, second: str, type_: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{first}` and `{second}` have the same problem type `{type_}` but different statuses (RFC 9457 §3.1.1)",
        f"give one of them another type: `class {second}(Problem, status=..., type='urn:...')`",
    )


def unsupported_problem_field(location: SourceLocation, problem: str, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"the problem `{problem}` has a field that is not JSON-serializable: {why}",
        "annotate the field with a type that pydantic supports",
    )


def nested_outcome(location: SourceLocation, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"nested outcome types are not supported: `-> {format_type(annotation)}`",
        "return the inner value, or a union: `Created[A] | Ok[B]`",
    )


def ignored_return_metadata(location: SourceLocation, annotation: str) -> SignatureError:
    return SignatureError(
        location,
        f"metadata on `{annotation}` in `Annotated[...]` has no effect, because only its parts are validated",
        "annotate the parts: `AsyncIterator[Annotated[Row, ...]]`, `Created[Annotated[Order, ...]]`",
    )

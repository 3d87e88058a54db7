"""Mistakes in what an endpoint gives: its annotation, and how results are looked at. One function each."""

from typing import Any

from signette.declarative.errors.base import SignatureError, format_type
from signette.declarative.signature.model import SourceLocation


def yielding_socket(where: SourceLocation) -> SignatureError:
    return SignatureError(
        where,
        "it yields, and a WebSocket has nobody who takes what is yielded",
        "send it: `await socket.send_json(...)`",
    )


def no_body_status(where: SourceLocation, status: int, annotation: Any) -> SignatureError:
    return SignatureError(
        where,
        f"it answers {status}, which has no body, and returns `{format_type(annotation)}`",
        "annotate `-> None`, or choose another `status_code=`",
    )


def response_in_union(where: SourceLocation, annotation: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`-> {format_type(annotation)}` mixes a `Response` with values, so the document could not say what is sent",
        "annotate the value alone (a `Response` may still be returned), or pass `response_model=None`",
    )


def unusable_result(where: SourceLocation, annotation: Any, why: str) -> SignatureError:
    return SignatureError(
        where,
        f"`-> {format_type(annotation)}` is no type that can be written as JSON: {why}",
        "return a type that pydantic knows, or a `Response`; `response_model=None` sends what is returned unchecked",
    )


def generator_result(where: SourceLocation, annotation: Any) -> SignatureError:
    return SignatureError(
        where,
        f"it yields its answer and is annotated `-> {format_type(annotation)}`, which is no iterator",
        "annotate what it yields: `-> AsyncIterator[Row]` or `-> Iterator[Row]`",
    )


def unknown_watch(where: SourceLocation, said: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`validate_responses={said!r}` is no way to look at results",
        'say "strict", "warn", "off", or a share of the results between 0 and 1, as 0.01',
    )


def sync_socket(where: SourceLocation) -> SignatureError:
    return SignatureError(where, "it is no `async def`, and a WebSocket is spoken to by `await`", "write `async def`")


def one_type_of_problem(where: SourceLocation, first: str, second: str, said: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{first}` and `{second}` have the type `{said}`, so that no program could tell them apart (RFC 9457 §3.1.1)",
        "give one of them another: `class ...(Problem, status=..., type='urn:...')`",
    )


def unusable_member(where: SourceLocation, problem: str, why: str) -> SignatureError:
    return SignatureError(
        where, f"the problem `{problem}` has a member that cannot be told: {why}", "annotate it with a type of JSON"
    )


def nested_outcome(where: SourceLocation, annotation: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`-> {format_type(annotation)}` has an answer inside of an answer",
        "return the inner value alone, or a union: `Created[A] | Ok[B]`",
    )


def unused_metadata(where: SourceLocation, annotation: str) -> SignatureError:
    return SignatureError(
        where,
        f"what stands beside `{annotation}` in `Annotated[...]` would have no effect: it is not validated as a whole",
        "annotate the parts: `AsyncIterator[Annotated[Row, ...]]`, `Created[Annotated[Order, ...]]`",
    )

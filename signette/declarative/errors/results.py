"""Mistakes in what an endpoint gives: its annotation, and how results are looked at. One function each."""

from typing import Any

from signette.declarative.errors.base import PlanError, spelled
from signette.declarative.signature.model import Where


def yielding_socket(where: Where) -> PlanError:
    return PlanError(
        where,
        "it yields, and a WebSocket has nobody who takes what is yielded",
        "send it: `await socket.send_json(...)`",
    )


def no_body_status(where: Where, status: int, annotation: Any) -> PlanError:
    return PlanError(
        where,
        f"it answers {status}, which has no body, and returns `{spelled(annotation)}`",
        "annotate `-> None`, or choose another `status_code=`",
    )


def response_in_union(where: Where, annotation: Any) -> PlanError:
    return PlanError(
        where,
        f"`-> {spelled(annotation)}` mixes a `Response` with values, so the document could not say what is sent",
        "annotate the value alone (a `Response` may still be returned), or pass `response_model=None`",
    )


def unusable_result(where: Where, annotation: Any, why: str) -> PlanError:
    return PlanError(
        where,
        f"`-> {spelled(annotation)}` is no type that can be written as JSON: {why}",
        "return a type that pydantic knows, or a `Response`; `response_model=None` sends what is returned unchecked",
    )


def generator_result(where: Where, annotation: Any) -> PlanError:
    return PlanError(
        where,
        f"it yields its answer and is annotated `-> {spelled(annotation)}`, which is no iterator",
        "annotate what it yields: `-> AsyncIterator[Row]` or `-> Iterator[Row]`",
    )


def unknown_watch(where: Where, said: Any) -> PlanError:
    return PlanError(
        where,
        f"`validate_responses={said!r}` is no way to look at results",
        'say "strict", "warn", "off", or a share of the results between 0 and 1, as 0.01',
    )


def sync_socket(where: Where) -> PlanError:
    return PlanError(where, "it is no `async def`, and a WebSocket is spoken to by `await`", "write `async def`")


def one_type_of_problem(where: Where, first: str, second: str, said: str) -> PlanError:
    return PlanError(
        where,
        f"`{first}` and `{second}` have the type `{said}`, so that no program could tell them apart (RFC 9457 §3.1.1)",
        "give one of them another: `class ...(Problem, status=..., type='urn:...')`",
    )


def unusable_member(where: Where, problem: str, why: str) -> PlanError:
    return PlanError(
        where, f"the problem `{problem}` has a member that cannot be told: {why}", "annotate it with a type of JSON"
    )


def nested_outcome(where: Where, annotation: Any) -> PlanError:
    return PlanError(
        where,
        f"`-> {spelled(annotation)}` has an answer inside of an answer",
        "return the inner value alone, or a union: `Created[A] | Ok[B]`",
    )


def unused_metadata(where: Where, annotation: str) -> PlanError:
    return PlanError(
        where,
        f"what stands beside `{annotation}` in `Annotated[...]` would have no effect: it is not validated as a whole",
        "annotate the parts: `AsyncIterator[Annotated[Row, ...]]`, `Created[Annotated[Order, ...]]`",
    )

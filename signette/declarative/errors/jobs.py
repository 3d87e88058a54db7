"""Errors in jobs: their signatures and options, and the parameters that enqueue them."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, closest_match, format_type
from signette.declarative.signature.model import SourceLocation


def only_in_jobs(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` belongs to a running job, and an endpoint is not a job",
        "move it to a function with `@app.job`",
    )


def job_reads_request(location: SourceLocation, name: str, place: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is read from the request ({place}), but a job runs without a request",
        "read it in the endpoint, and pass it as an argument when you enqueue the job",
    )


def positional_only_job_argument(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is a positional-only parameter, but arguments of a job are passed by name",
        "remove the `/` from the signature",
    )


def job_argument_not_json(location: SourceLocation, name: str, annotation: Any, reason: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` cannot be an argument of a job, which is stored as JSON: {reason}",
        "pass what identifies the value, such as an id, and load the value in the job",
    )


def job_result_not_json(location: SourceLocation, annotation: Any, reason: str) -> SignatureError:
    return SignatureError(
        location,
        f"the return type `{format_type(annotation)}` of a job cannot be stored as JSON: {reason}",
        "return a value that pydantic can serialize, or None",
    )


def generator_job(location: SourceLocation) -> SignatureError:
    return SignatureError(
        location,
        "a job cannot be a generator, because its result is a single value",
        "return the result, and report what is known earlier: `progress: Progress[int]`",
    )


def job_in_class(location: SourceLocation) -> SignatureError:
    return SignatureError(
        location,
        "a job cannot be a method, because workers have no instance of the class",
        "move the function out of the class",
    )


def unknown_job_option(location: SourceLocation, name: str, known: Iterable[str]) -> SignatureError:
    near = closest_match(name, known)
    if name == "delay":
        hint = "delay a call of the job: `await jobs.options(delay=...).enqueue(...)`"
    else:
        hint = f"write `{near}=`" if near else f"use one of: {', '.join(f'`{each}=`' for each in known)}"
    return SignatureError(location, f"unexpected job option `{name}=`", hint)


def invalid_job_option(location: SourceLocation, name: str, value: Any, requirement: str) -> SignatureError:
    return SignatureError(location, f"invalid job option `{name}={value!r}`", requirement)


def duplicate_job_name(location: SourceLocation, name: str, other: SourceLocation) -> SignatureError:
    return SignatureError(
        location,
        f"the job name `{name}` is also that of {other}",
        f'give one of them another name: `@app.job(name="{name}_2")`',
    )


def job_without_function(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` does not say which job it enqueues",
        f"write `{name}: Job[function]` with the function of a job, or `jobs: Jobs` for any job",
    )


def not_a_job(location: SourceLocation, name: str, function: SourceLocation) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` enqueues {function}, which is not a job of this application",
        "put `@app.job` before the function, or include the router that it is a job of",
    )

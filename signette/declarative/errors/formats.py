"""Errors in the options `renders=` and `envelope=`."""

from typing import Any

from signette.declarative.errors.base import SignatureError, format_type
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import SourceLocation


def not_formats(location: SourceLocation | str, value: Any) -> SignatureError:
    is_format = hasattr(value, "media_type") and hasattr(value, "encoder")
    word = repr(value) if isinstance(value, str) else getattr(value, "__name__", None) or type(value).__name__
    hint = f"write `renders=[{word}]`" if is_format else "write a list of formats: `renders=[JSON, CSV]`"
    problem = "`renders=` is empty" if value in ((), []) else f"`renders=` must be a list of formats, got `{word}`"
    return SignatureError(location, problem, hint)


def not_a_format(location: SourceLocation | str, value: Any) -> SignatureError:
    word = repr(value) if isinstance(value, str) else f"`{getattr(value, '__name__', None) or type(value).__name__}`"
    known = {"json": "JSON", "jsonl": "JSONLines", "x-ndjson": "JSONLines", "csv": "CSV", "msgpack": "MessagePack"}
    near = known.get(value.partition("/")[2].lower()) if isinstance(value, str) else None
    hint = f"write `{near}`, of `signette.formats`" if near else "use `JSON`, `CSV` or another subclass of `Format`"
    return SignatureError(location, f"`renders=` contains {word}, which is not a format", hint)


def format_without_media_type(location: SourceLocation | str, name: str) -> SignatureError:
    return SignatureError(
        location, f"the format `{name}` has no media type", 'set the attribute: `media_type = "application/yaml"`'
    )


def format_without_encoder(location: SourceLocation | str, name: str) -> SignatureError:
    return SignatureError(
        location, f"the format `{name}` cannot render values", "define `encoder`, which returns a function"
    )


def format_with_arguments(location: SourceLocation | str, name: str) -> SignatureError:
    return SignatureError(location, f"the format `{name}` needs arguments", f"pass an instance: `{name}(...)`")


def same_media_type(location: SourceLocation | str, one: str, other: str, media_type: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{one}` and `{other}` in `renders=` have the same media type `{media_type}`",
        "remove one of them: no `Accept` header could choose it",
    )


def format_does_not_fit(location: SourceLocation, name: str, annotation: Any, why: str, hint: str) -> SignatureError:
    rendered = "a result without an annotation" if annotation is MISSING else f"`{format_type(annotation)}`"
    return SignatureError(location, f"`{name}` cannot render {rendered}: {why}", hint)


def renders_cannot_apply(location: SourceLocation, why: str) -> SignatureError:
    return SignatureError(
        location, f"`renders=` has no effect: {why}", "remove the option, or return a value, such as a model"
    )


def envelope_cannot_apply(location: SourceLocation, why: str) -> SignatureError:
    return SignatureError(
        location, f"`envelope=` has no effect: {why}", "remove the option, or return a value, such as a model"
    )


def not_an_envelope(location: SourceLocation | str, problem: str, hint: str) -> SignatureError:
    return SignatureError(location, f"`envelope=` must be a generic model: {problem}", hint)


def option_of_outgoing_request(location: SourceLocation, option: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{option}=` has no effect: a webhook or callback describes a request that the application sends",
        "remove the option",
    )

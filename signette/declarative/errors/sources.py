"""Errors in custom parameter sources."""

from typing import Any

from signette.declarative.errors.base import SignatureError, format_type
from signette.declarative.signature.model import SourceLocation


def not_a_source(location: SourceLocation, value: Any) -> SignatureError:
    word = value.__name__ if isinstance(value, type) else type(value).__name__
    hint = (
        f"write `{word}()`" if isinstance(value, type) else "pass instances of subclasses of `signette.sources.Source`"
    )
    return SignatureError(location, f"`sources=` must contain instances of `Source`, got `{word}`", hint)


def source_missing_attribute(location: SourceLocation, source: Any, name: str) -> SignatureError:
    hint = f"set the attribute `{name}`" if name == "place" else f"add a method `{name}(self, opened, key)`"
    return SignatureError(location, f"the source `{_word(source)}` has no `{name}`", hint)


def source_without_marker(location: SourceLocation, source: Any) -> SignatureError:
    return SignatureError(
        location,
        f"the source `{_word(source)}` has no `marker` and claims no parameters, so nothing is read from it",
        "set `marker = YourMarker`, or add a method `claims(self, parameter)`",
    )


def duplicate_source_marker(location: SourceLocation, source: Any, other: Any) -> SignatureError:
    return SignatureError(
        location,
        f"the sources `{_word(other)}` and `{_word(source)}` have the same marker, and the first one accepts every"
        " parameter",
        "use another marker, or add a method `accepts(self, parameter)` to the first one",
    )


def async_source_method(location: SourceLocation, source: Any, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` of the source `{_word(source)}` is `async`; only `open` and `close` may be",
        f"await in `open`, and return what `{name}` needs",
    )


def source_open_signature(location: SourceLocation, source: Any, given: tuple[str, ...]) -> SignatureError:
    return SignatureError(
        location,
        f"`open` of the source `{_word(source)}` must accept {len(given)} arguments: {', '.join(given)}",
        f"write `def open({', '.join(('self', *given))})`",
    )


def source_opened_before_body(location: SourceLocation, source: Any, body: Any) -> SignatureError:
    return SignatureError(
        location,
        f"the source `{_word(source)}` depends on `{body.place}`, which is read from the body",
        "set `phase = Phase.BODY` to open it after the guards",
    )


def invalid_source_setting(location: SourceLocation, source: Any, name: str, known: tuple[str, ...]) -> SignatureError:
    return SignatureError(
        location,
        f"invalid value `{name} = {getattr(source, name)!r}` of the source `{_word(source)}`",
        f"use one of: {', '.join(known)}",
    )


def source_without_names(location: SourceLocation, name: str, annotation: Any, source: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {format_type(annotation)}` forbids or keeps unknown fields, but `{_word(source)}` has no `names`",
        "add a method `names(self, opened)` that returns all keys",
    )


def constraint_on_unvalidated_source(location: SourceLocation, name: str, source: Any, option: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{option}=` of `{name}` has no effect, because its source `{_word(source)}` has `checks = 'never'`",
        f"remove `{option}=`, or validate the values of the source: `checks = 'python'`",
    )


def _word(source: Any) -> str:
    return type(source).__name__

"""Mistakes in a source of an application's own. One function each."""

from typing import Any

from signette.declarative.errors.base import SignatureError, format_type
from signette.declarative.signature.model import SourceLocation


def not_a_source(where: SourceLocation, given: Any) -> SignatureError:
    word = given.__name__ if isinstance(given, type) else type(given).__name__
    hint = (
        f"write `{word}()`" if isinstance(given, type) else "give instances of subclasses of `signette.sources.Source`"
    )
    return SignatureError(where, f"`sources=` is given `{word}`, which is not an instance of `Source`", hint)


def source_without(where: SourceLocation, source: Any, name: str) -> SignatureError:
    what = f"an attribute `{name}`" if name == "place" else f"a method `{name}(self, opened, key)`"
    return SignatureError(where, f"the source `{_word(source)}` has no `{name}`", f"give it {what}")


def source_reads_nothing(where: SourceLocation, source: Any) -> SignatureError:
    return SignatureError(
        where,
        f"the source `{_word(source)}` has no `marker` and claims no parameters, so nothing is read from it",
        "set `marker = YourMarker`, or write a method `claims(self, parameter)`",
    )


def source_hidden(where: SourceLocation, source: Any, other: Any) -> SignatureError:
    return SignatureError(
        where,
        f"the sources `{_word(other)}` and `{_word(source)}` have one marker, and the first accepts every parameter",
        "use another marker, or write a method `accepts(self, parameter)` for the first",
    )


def source_async(where: SourceLocation, source: Any, name: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` of the source `{_word(source)}` is `async`, and only `open` and `close` may be",
        f"await in `open`, and return what `{name}` needs",
    )


def source_open_arguments(where: SourceLocation, source: Any, given: tuple[str, ...]) -> SignatureError:
    return SignatureError(
        where,
        f"`open` of the source `{_word(source)}` cannot be called with {len(given)} arguments: {', '.join(given)}",
        f"write `def open({', '.join(('self', *given))})`",
    )


def source_before_body(where: SourceLocation, source: Any, body: Any) -> SignatureError:
    return SignatureError(
        where,
        f"the source `{_word(source)}` is built on `{body.place}`, which is read from the body",
        "set `phase = Phase.BODY`, so that it is read after the guards",
    )


def source_setting(where: SourceLocation, source: Any, name: str, known: tuple[str, ...]) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` of the source `{_word(source)}` is {getattr(source, name)!r}",
        f"use one of: {', '.join(known)}",
    )


def source_without_names(where: SourceLocation, name: str, annotation: Any, source: Any) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}: {format_type(annotation)}` forbids or keeps unknown fields, and `{_word(source)}` has no `names`",
        "write a method `names(self, opened)` that returns all keys",
    )


def source_validates_nothing(where: SourceLocation, name: str, source: Any, option: str) -> SignatureError:
    return SignatureError(
        where,
        f"`{name}` asks for `{option}=`, and its source `{_word(source)}` has `checks = 'never'`",
        f"remove `{option}=`, or let the source validate its values: `checks = 'python'`",
    )


def _word(source: Any) -> str:
    return type(source).__name__

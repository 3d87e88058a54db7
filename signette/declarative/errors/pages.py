"""Errors in page parameters and in results with pages."""

import re
from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, format_type
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import SourceLocation

_KEYS = (
    "pass `App(cursor_keys=[os.environ['CURSOR_KEY']])`, with a secret that all processes share, made by"
    " `python -c 'import secrets; print(secrets.token_urlsafe(32))'`"
)
_PARAMETER = "page: Page.Cursor[int]"


def limit_without_page(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has a `Page.Limit(...)`, but is not a page parameter",
        f"write `{name}: Annotated[Page.Cursor[int], Page.Limit(...)]`",
    )


def invalid_page_parameter(location: SourceLocation, name: str, annotation: Any, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {_written(annotation)}` is not a page parameter: {why}",
        f"write `{name}: Page.Cursor[int]` with the type of your key, or `{name}: Page.Offset`, without a default",
    )


def invalid_page_key(location: SourceLocation, name: str, key: Any, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"the key `{_written(key)}` of `{name}` cannot be part of a cursor: {why}",
        "use a type that pydantic can read and write as JSON, such as `int` or `tuple[datetime, UUID]`",
    )


def max_offset_of_cursor(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`max_offset=` of `{name}` has no effect, because it pages by cursor",
        "remove it, or use `Page.Offset`",
    )


def page_outside_of_request(location: SourceLocation, name: str, place: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is a page parameter, which {place} cannot have",
        "use page parameters in HTTP endpoints and in dependencies of these",
    )


def page_for_another_method(location: SourceLocation, name: str, methods: Iterable[str]) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is a page parameter of a route for {', '.join(sorted(methods))}, whose result may depend on a body",
        "use `@app.get(...)`, with query parameters for what selects the items",
    )


def conflicting_pages(location: SourceLocation) -> SignatureError:
    return SignatureError(
        location,
        "the endpoint and its dependencies have page parameters of different types",
        "use one type in all of them, or pass the page on: a result has one page",
    )


def page_name_taken(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"the query parameter `{name}` is read twice: it belongs to the page parameter",
        "give the other parameter another name, or remove it",
    )


def page_without_parameter(location: SourceLocation, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`-> {_written(annotation)}` is a page, and the endpoint has no page parameter",
        f"add `{_PARAMETER}` or `page: Page.Offset`, and return `page.of(...)`; without pages use `list[...]`",
    )


def page_without_result(location: SourceLocation, result: Any) -> SignatureError:
    written = "has no annotation" if result is MISSING else f"`{_written(result)}` has no link to the next page"
    return SignatureError(
        location,
        f"the endpoint has a page parameter, and its result {written}",
        "annotate `-> Page[User]` and return `page.of(...)`; or return a `Response` that you make yourself",
    )


def misplaced_page(location: SourceLocation, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`-> {_written(annotation)}` has a page inside another type, or next to other results",
        "annotate `-> Page[User]` alone, or with problems: `-> Page[User] | NotFound`",
    )


def page_with_fields(location: SourceLocation, option: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{option}=` does not apply to pages",
        "return a model that has only these fields: `-> Page[UserSummary]`",
    )


def missing_cursor_keys(location: SourceLocation | str) -> SignatureError:
    return SignatureError(location, "the application has no key that signs the cursors of this operation", _KEYS)


def _written(annotation: Any) -> str:
    """An annotation without the modules of its classes."""
    return re.sub(r"\w[\w.<>]*\.(?=\w)(?!Cursor|Offset)", "", format_type(annotation))

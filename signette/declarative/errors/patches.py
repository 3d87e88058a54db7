"""Errors in parameters that are merge patches."""

import re
from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, format_type
from signette.declarative.signature.model import SourceLocation


def misplaced_patch(location: SourceLocation, name: str, annotation: Any, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {_written(annotation)}` is not a whole request body: {why}",
        f"write `{name}: Patch[User]`, without a default and without other types around it",
    )


def patch_for_another_method(
    location: SourceLocation, name: str, annotation: Any, methods: Iterable[str]
) -> SignatureError:
    words = ", ".join(sorted(methods))
    return SignatureError(
        location,
        f"`{name}: {_written(annotation)}` is read by a route for {words}, and patches are sent with PATCH",
        "use `@app.patch(...)`, and another endpoint for other methods",
    )


def patch_without_model(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {_written(annotation)}` does not name one type with members",
        f"name a pydantic model, a dataclass or a TypedDict: `{name}: Patch[User]`",
    )


def unpatchable_field(location: SourceLocation, name: str, field: str, why: str, hint: str) -> SignatureError:
    return SignatureError(location, f"`{name}` cannot be applied, because of `{field}`: {why}", hint)


def _written(annotation: Any) -> str:
    """An annotation without the modules of its classes."""
    return re.sub(r"\w[\w.<>]*\.(?=\w)", "", format_type(annotation))

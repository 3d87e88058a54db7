"""Errors in parameters that are patches."""

import re
from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.base import SignatureError, format_type
from signette.declarative.signature.annotations import union_members
from signette.declarative.signature.model import SourceLocation


def misplaced_patch(location: SourceLocation, name: str, annotation: Any, why: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {_written(annotation)}` is not a whole request body: {why}",
        f"write `{name}: {_class(annotation)}[User]`, without a default and without other types around it",
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
        f"name a pydantic model, a dataclass or a TypedDict: `{name}: {_class(annotation)}[User]`",
    )


def nothing_to_patch(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {_written(annotation)}` could change nothing: all members of the type are frozen",
        "remove `frozen=True` or `readOnly` from the fields that clients may change",
    )


def patch_or_value(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {_written(annotation)}` is a patch or a whole value, and both may be the same JSON",
        f"write `{name}: {_class(annotation)}[User]`, and another endpoint for whole values: `@app.put(...)`",
    )


def patches_of_two_types(location: SourceLocation, name: str, annotation: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {_written(annotation)}` has patches of different types",
        f"name the same type in both: `{name}: Patch[User] | JSONPatch[User]`",
    )


def unpatchable_field(location: SourceLocation, name: str, field: str, why: str, hint: str) -> SignatureError:
    return SignatureError(location, f"`{name}` cannot be applied, because of `{field}`: {why}", hint)


def _class(annotation: Any) -> str:
    """The class of patches that an annotation has."""
    return "JSONPatch" if re.search(r"\bJSONPatch\b", format_type(annotation)) else "Patch"


def _written(annotation: Any) -> str:
    """An annotation without the modules of its classes."""
    members = [format_type(each) for each in union_members(annotation)]
    return " | ".join("None" if each == "NoneType" else re.sub(r"\w[\w.<>]*\.(?=\w)", "", each) for each in members)

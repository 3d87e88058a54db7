"""Errors in parameters with the state of the application."""

from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.model import SourceLocation


def purpose_without_state(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has a `Purpose(...)`, but is not a `Store` or a `Bus`",
        f"write `{name}: Annotated[Store, Purpose(...)]`",
    )


def several_purposes(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` has more than one `Purpose(...)`",
        "keep one of them; for a second store add a parameter",
    )

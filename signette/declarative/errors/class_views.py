"""Errors in class-based views: attributes without effect, and classes of which no instance can be made."""

from collections.abc import Iterable

from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.model import SourceLocation


def attribute_without_annotation(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"the attribute `{name}` has a marker, but no annotation, so its marker would have no effect",
        f"add the annotation: `{name}: User = Depends(...)`",
    )


def marker_on_class_variable(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"the attribute `{name}` is a `ClassVar`, so its marker would have no effect",
        f"remove `ClassVar`: `{name}: User = Depends(...)`",
    )


def conflicting_attribute(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` is an attribute and a parameter of `__init__`, with different markers",
        f"keep the marker of the attribute, and write `{name}` without a marker in `__init__`",
    )


def marker_outside_init(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"the field `{name}` has a marker and `init=False`, so `__init__` does not take its value",
        "remove `init=False`",
    )


def view_with_default_factory(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`default_factory` of the field `{name}` has no effect on a parameter",
        f"write `{name}: Annotated[..., Query(default_factory=...)]`; or add `init=False` if it is not a parameter",
    )


def attribute_not_in_slots(location: SourceLocation, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"the attribute `{name}` is not in `__slots__`, so an instance cannot have its value",
        f"add `{name!r}` to `__slots__`, or remove `__slots__`",
    )


def model_as_view(location: SourceLocation) -> SignatureError:
    return SignatureError(
        location,
        "a pydantic model cannot be a class-based view",
        "remove the base class or decorator of pydantic: annotated attributes are validated without it",
    )


def view_with_new(location: SourceLocation) -> SignatureError:
    return SignatureError(
        location,
        "the class has a `__new__` with parameters, which a class-based view cannot fill",
        "move the parameters to `__init__`",
    )


def abstract_view(location: SourceLocation, names: Iterable[str]) -> SignatureError:
    missing = ", ".join(f"`{name}`" for name in names)
    return SignatureError(
        location,
        f"the class is abstract, so it has no instances: {missing} is not implemented",
        "implement it, or use a subclass that does",
    )

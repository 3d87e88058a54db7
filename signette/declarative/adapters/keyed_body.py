"""A model for a JSON body whose members are parameters."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, create_model
from pydantic.json_schema import SkipJsonSchema

from signette._dataclasses import dataclass
from signette.declarative.signature.markers import MISSING, Marker

__all__ = ["Member", "keyed_model"]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the body, read by one parameter. Of several wire names the first that was sent counts."""

    attribute: str
    wire_names: tuple[str, ...]
    annotation: Any
    default: Any
    default_factory: Callable[[], Any] | None
    marker: Marker | None


def keyed_model(name: str, members: Iterable[Member]) -> type[BaseModel]:
    """A model with a field for each member. A default that is `MISSING` makes the field required."""
    model: type[BaseModel] = create_model(
        name,
        __config__=ConfigDict(arbitrary_types_allowed=True, protected_namespaces=()),
        **{member.attribute: _field_of(member) for member in members},  # type: ignore[call-overload]
    )
    return model


def _field_of(member: Member) -> tuple[Any, Any]:
    names, marker = member.wire_names, member.marker
    options: dict[str, Any] = {"validation_alias": AliasChoices(*names) if len(names) > 1 else names[0]}
    if member.default_factory is not None:
        options["default_factory"] = member.default_factory
    elif member.default is not MISSING:
        options["default"] = member.default
    if marker is not None and marker.field_options.get("deprecated"):
        # `deprecated=` would warn each time the value is read from the model.
        options["json_schema_extra"] = {**(marker.field_options.get("json_schema_extra") or {}), "deprecated": True}
    if marker is not None and not marker.include_in_schema:
        return Annotated[member.annotation, SkipJsonSchema()], Field(**options)  # type: ignore[type-arg]
    return member.annotation, Field(**options)

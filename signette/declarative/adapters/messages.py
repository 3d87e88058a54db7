"""Annotation -> the codec of a channel's messages: values to JSON for the bus, and back."""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from signette.declarative.adapters.serializers import dumper
from signette.declarative.adapters.validators import PydanticUserError, cached_by_adapter
from signette.declarative.core_schema.walk import Node, descendants
from signette.exceptions import ResponseValidationError

__all__ = ["Codec", "InvalidMessage", "codec_of", "unpublishable"]

_FIELDS = frozenset({"model-field", "typed-dict-field", "dataclass-field"})
_SECRETS = frozenset({"SecretStr", "SecretBytes", "Secret"})


class InvalidMessage(ValueError):
    """A value is not a message of the channel's type, or subscribers could not read it."""


class Codec:
    """Converts messages of one type. The JSON of a message is the one that clients receive."""

    __slots__ = ("_checked", "_dump", "_load", "_name")

    def __init__(self, adapter: Any, annotation: Any) -> None:
        self._dump = dumper(annotation)
        self._load: Callable[[bytes], Any] = adapter.validator.validate_json
        self._checked: bytes | None = None
        self._name = getattr(annotation, "__name__", str(annotation))

    def encode(self, value: Any) -> bytes:
        """Validate and serialize a message.

        Raises:
            InvalidMessage: the value is not of the type, or its JSON is not, so that no subscriber could read it.
        """
        try:
            data = self._dump(value)
        except ResponseValidationError as error:
            raise InvalidMessage(f"the message is not a valid `{self._name}`: {error}") from error
        self.decode(data)
        return data

    def decode(self, data: bytes) -> Any:
        """The value of a message.

        Raises:
            InvalidMessage: another program has published something else.
        """
        try:
            return self._load(data)
        except ValidationError as error:
            places = ", ".join(sorted({".".join(map(str, each["loc"])) or "the value" for each in _errors(error)}))
            raise InvalidMessage(f"the JSON of the message is not a valid `{self._name}`: {places}") from None

    def checked(self, data: bytes) -> bytes:
        """The same bytes, once it is known that they are valid.

        Raises:
            InvalidMessage: they are not.
        """
        if data != self._checked:  # PERF: many subscribers read the same message one after the other
            self.decode(data)
            self._checked = data
        return data


def _errors(error: ValidationError) -> list[Any]:
    return list(error.errors(include_url=False, include_context=False, include_input=False))[:20]


def codec_of(annotation: Any) -> Codec:
    """The codec of a type. Equal types share one."""
    return _codec_of(annotation, _Unhashed(annotation))


class _Unhashed:
    """An argument that is not part of the key of a cache, because the adapter is."""

    __slots__ = ("annotation",)

    def __init__(self, annotation: Any) -> None:
        self.annotation = annotation

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unhashed)

    def __hash__(self) -> int:
        return 0


@cached_by_adapter
def _codec_of(adapter: Any, of: _Unhashed) -> Codec:
    return Codec(adapter, of.annotation)


@cached_by_adapter
def unpublishable(adapter: Any) -> str | None:
    """Why subscribers cannot read what is published of a type, for a message; None if they can."""
    schema: Any = adapter.core_schema
    try:
        schema["type"]
    except PydanticUserError:  # an unresolved forward reference
        return None
    return next(_unreadable(schema), None)


def _unreadable(schema: Node) -> Iterator[str]:
    for node in descendants(schema):
        kind = node["type"]
        if kind == "is-instance" and node["cls"].__name__ in _SECRETS and node["cls"].__module__ == "pydantic.types":
            yield f"it contains a `{node['cls'].__name__}`, which is masked when it is serialized"
        elif kind in ("model-fields", "typed-dict", "dataclass-args"):
            fields = node["fields"]
            named = fields.items() if isinstance(fields, dict) else ((each["name"], each) for each in fields)
            for name, each in named:
                yield from _unreadable_field(name, each, node)


def _unreadable_field(name: str, field: Node, model: Node) -> Iterator[str]:
    required = field["schema"]["type"] != "default" and field.get("required", model.get("total", True))
    if required and field.get("serialization_exclude") is True:
        yield f"its field `{name}` is required and has `exclude=True`"
    accepted = field.get("validation_alias", name)
    sent = field.get("serialization_alias", name)
    if required and isinstance(accepted, str) and accepted != sent:
        yield f"its field `{name}` is serialized as `{sent}` and validated as `{accepted}`"

"""The keys of cursors as JSON, and back."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from signette.declarative.adapters.validators import adapter_of


class UnreadableKey(ValueError):
    """The text is not a key of this type."""


class PageKeys:
    """Writes and reads the keys of one type."""

    def __init__(self, annotation: Any) -> None:
        self._adapter = adapter_of(annotation)

    def write(self, key: Any) -> bytes:
        """The JSON text of a key.

        Raises TypeError for a key that cannot be read back as it is: of another type, a NaN or an infinity.
        """
        try:
            valid = self._adapter.validate_python(key)
            text = self._adapter.dump_json(valid, by_alias=True, round_trip=True)
            if self._adapter.validate_json(text) == valid:
                return text
            why = "it is read back as another value"
        except (ValidationError, PydanticSerializationError) as exc:
            why = str(exc)
        raise TypeError(f"the key of a cursor does not have the type of the page parameter: {why}")

    def read(self, text: bytes) -> Any:
        """The key. Raises UnreadableKey."""
        try:
            return self._adapter.validate_json(text)
        except ValidationError:
            raise UnreadableKey from None

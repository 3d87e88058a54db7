"""Values as JSON and back: the arguments, results and progress of jobs."""

import json
from typing import Any

from pydantic import PydanticUserError, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic_core import PydanticSerializationError, SchemaError, to_jsonable_python

from signette._http.json import dumps
from signette.declarative.adapters.validators import adapter_of
from signette.declarative.signature.markers import MISSING


class NotJson(ValueError):
    """A type or a value that cannot be stored as JSON and read back. The message has no value."""


class JsonType:
    """A type whose values are stored as JSON.

    Raises:
        NotJson: pydantic has no schema for the type, or JSON would hide or lose its values.
    """

    def __init__(self, annotation: Any) -> None:
        self.annotation = Any if annotation is MISSING else annotation
        try:
            self._adapter = adapter_of(self.annotation)
            schema = self._adapter.json_schema(mode="validation")
        except PydanticInvalidForJsonSchema:  # a type without a JSON Schema may have values in JSON
            schema = {}
        except (PydanticUserError, SchemaError) as exc:
            raise NotJson(str(exc).splitlines()[0].partition(". ")[0]) from None
        if '"writeOnly": true' in json.dumps(schema):
            raise NotJson("a secret is written as asterisks")

    def dump(self, value: Any) -> Any:
        """Validate a value, and return it as dictionaries, lists and scalars of JSON.

        Raises:
            NotJson: the value is not valid, or cannot be stored.
        """
        try:
            if self.annotation is Any:
                stored = to_jsonable_python(value, by_alias=True)
            else:
                checked = self._adapter.validate_python(value)
                stored = self._adapter.dump_python(checked, mode="json", by_alias=True, round_trip=True)
            # JSON has no NaN, and UTF-8 no half of a surrogate pair.
            dumps(stored)
            self.load(stored)
        except ValidationError as exc:
            raise NotJson(_text(exc)) from None
        except NotJson:
            raise
        except (PydanticSerializationError, TypeError, ValueError) as exc:
            raise NotJson(f"cannot be stored as JSON ({type(exc).__name__})") from None
        return stored

    def load(self, stored: Any) -> Any:
        """The value of its JSON.

        Raises:
            NotJson: the value is not valid.
        """
        if self.annotation is Any:
            return stored
        try:
            return self._adapter.validate_json(dumps(stored))
        except ValidationError as exc:
            raise NotJson(_text(exc)) from None


def _text(error: ValidationError) -> str:
    """The first error of a validation, without the value."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    path = ".".join(map(str, first["loc"]))
    return f"{path}: {first['msg']}" if path else first["msg"]

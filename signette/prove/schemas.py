"""Values that do not fit a JSON schema of an OpenAPI document: the only module that imports jsonschema-rs."""

from collections.abc import Mapping
from typing import Any

try:
    from jsonschema_rs import Draft202012Validator, ValidationError
except ModuleNotFoundError as missing:
    raise ImportError(
        "`signette prove` requires jsonschema-rs, which is not installed. "
        "Install it with `pip install 'signette[prove]'`."
    ) from missing


class Schemas:
    """Validates values against schemas of a document, whose references are those of the document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._components = document.get("components", {})
        self._validators: dict[int, tuple[Any, Draft202012Validator]] = {}

    def problem(self, schema: Any, value: Any) -> str | None:
        """Where and why a value does not fit, without the value; None if it fits."""
        known = self._validators.get(id(schema))
        if known is None:
            whole = {**schema, "components": self._components} if isinstance(schema, Mapping) else schema
            known = self._validators[id(schema)] = (schema, Draft202012Validator(whole))
        try:
            known[1].validate(value)
        except ValidationError as error:
            return _described(error)
        return None


def _described(error: ValidationError) -> str:
    where = "".join(f"/{'*' if isinstance(step, int) else step}" for step in error.instance_path)
    keyword = error.schema_path[-1] if error.schema_path else "schema"
    missing = getattr(error.kind, "property", None)
    rule = f"`{missing}` is missing" if keyword == "required" and missing else f"`{keyword}` is not fulfilled"
    return f"{rule} at `{where}`" if where else rule

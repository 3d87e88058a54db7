"""Envelopes: generic models with a field for the result, `envelope=Envelope`."""

import inspect
from collections.abc import Mapping
from typing import Any

from pydantic import AliasChoices, AliasPath, BaseModel, RootModel
from pydantic.fields import FieldInfo

from signette._dataclasses import dataclass

# The classmethod that makes the values of further fields from the request.
FIELDS_METHOD = "envelope_fields"


class NotAnEnvelope(TypeError):
    """A class that cannot be an envelope: why, and a hint."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Envelope:
    """A generic model with one field for the result."""

    model: Any
    field: str
    """The field whose annotation is the type variable."""
    keys: Mapping[str, str]
    """The name that pydantic validates each field by."""
    takes_request: bool
    """It has `envelope_fields`."""

    def of(self, annotation: Any) -> Any:
        """The model with the type of a result: `Envelope[User]`."""
        return self.model[annotation]

    def values(self, value: Any, more: Mapping[str, Any]) -> dict[str, Any]:
        """What is validated as the envelope of a value. `more` has the other fields by name."""
        return {self.keys[name]: each for name, each in more.items()} | {self.keys[self.field]: value}

    def fields_from(self, connection: Any) -> Mapping[str, Any]:
        """The values of the other fields that `envelope_fields` makes from the request.

        Raises TypeError for the name of another field: a misspelt one would silently have its default.
        """
        fields: Mapping[str, Any] = getattr(self.model, FIELDS_METHOD)(connection)
        for name in fields:
            if name not in self.keys or name == self.field:
                others = ", ".join(f"`{each}`" for each in self.keys if each != self.field)
                raise TypeError(f"`{self.model.__name__}.{FIELDS_METHOD}` returned `{name}`; it may return {others}")
        return fields

    def options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options of pydantic's serializer, whose names of fields are those of the result, for the envelope."""
        found = dict(options)
        if "include" in found:
            others = dict.fromkeys((*self.model.model_fields, *self.model.model_computed_fields), True)
            found["include"] = others | {self.field: found["include"]}
        if "exclude" in found:
            found["exclude"] = {self.field: found["exclude"]}
        return found


def read_envelope(model: Any) -> Envelope:
    """The envelope of a generic model.

    Raises NotAnEnvelope.
    """
    if not isinstance(model, type) or not issubclass(model, BaseModel):
        word = getattr(model, "__name__", None) or type(model).__name__
        raise NotAnEnvelope(f"`{word}` is not a pydantic model", _EXAMPLE)
    name = model.__name__.partition("[")[0]
    about: Mapping[str, Any] = model.__pydantic_generic_metadata__
    if about["args"]:
        raise NotAnEnvelope(f"`{model.__name__}` has its type already", f"pass the generic model: `envelope={name}`")
    if len(about["parameters"]) != 1:
        raise NotAnEnvelope(f"`{name}` has {len(about['parameters'])} type parameters, and needs one", _EXAMPLE)
    if issubclass(model, RootModel):
        raise NotAnEnvelope(f"`{name}` is a root model, which has no field for the result", _EXAMPLE)
    (variable,) = about["parameters"]
    fields = model.model_fields
    holding = [key for key, info in fields.items() if info.annotation is variable]
    if len(holding) != 1:
        which = f"the fields {_listed(holding)}" if holding else "no field"
        raise NotAnEnvelope(f"`{name}` has {which} of the type `{variable.__name__}`, and needs one", _EXAMPLE)
    return Envelope(
        model, holding[0], {key: _key_of(key, info) for key, info in fields.items()}, _check_others(model, holding[0])
    )


_EXAMPLE = "write `class Envelope(BaseModel, Generic[T]): data: T`"


def _check_others(model: type[BaseModel], field: str) -> bool:
    """Whether the model has `envelope_fields`. Without it, all other fields need a default."""
    name = model.__name__
    method = inspect.getattr_static(model, FIELDS_METHOD, None)
    if method is None:
        required = [key for key, info in model.model_fields.items() if key != field and info.is_required()]
        if required:
            raise NotAnEnvelope(
                f"the field `{required[0]}` of `{name}` has no value",
                f"give it a default, or define `@classmethod def {FIELDS_METHOD}(cls, request: HTTPConnection)`, which"
                " returns a dictionary",
            )
        return False
    function = getattr(method, "__func__", None)
    if not isinstance(method, classmethod | staticmethod) or inspect.iscoroutinefunction(function):
        raise NotAnEnvelope(
            f"`{name}.{FIELDS_METHOD}` must be a classmethod that is not `async`",
            f"write `@classmethod def {FIELDS_METHOD}(cls, request: HTTPConnection) -> dict[str, Any]`",
        )
    return True


def _key_of(name: str, info: FieldInfo) -> str:
    """The name that pydantic validates a field by."""
    alias: Any = info.validation_alias or info.alias or name
    while isinstance(alias, AliasChoices | AliasPath):
        alias = alias.choices[0] if isinstance(alias, AliasChoices) else alias.path[0]
    return str(alias)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{each}`" for each in names)

"""Markers that declare the source of a parameter: `Annotated[int, Query(ge=1)]`.

A marker holds its arguments only. Its source (`sources/`) decides how the parameter is read. In a model, a marker is a
pydantic `Field`.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Never
from warnings import warn

from signette.declarative.fields.base import UNDEFINED, FieldBase
from signette.declarative.signature.arguments import arguments_of, unexpected_argument
from signette.types import SignetteDeprecationWarning


class Missing:
    """The type of `MISSING`: no value, since `None` may be a value."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "MISSING"  # unpickled as the same object


MISSING = Missing()


# Arguments of other markers, which people try first.
_OF_FILES = "use `File(...)`, for a parameter of the type `UploadFile` or `bytes`"
_OF_BODIES = "use `Body(...)`"
_HINTS = {
    "max_bytes": _OF_FILES, "sniff": _OF_FILES, "embed": _OF_BODIES, "decimal": _OF_BODIES,
    "required": "a parameter without a default is required",
    "default_value": "write the default after the parameter: `= 3`",
}  # fmt: skip


def _reject(cls: Any, unexpected: Mapping[str, Any]) -> None:
    """Raise TypeError for arguments that a marker does not take."""
    if unexpected:
        raise unexpected_argument(cls, unexpected, arguments_of(cls, Marker), _HINTS)


class Marker(FieldBase):
    """The base of all markers: default, names in requests, constraints, and texts for the OpenAPI document."""

    def __init__(
        self,
        default: Any = MISSING,
        *,
        default_factory: Callable[[], Any] | None = None,
        alias: str | None = None,
        alias_priority: int | None = None,
        validation_alias: Any = None,
        serialization_alias: str | None = None,
        title: str | None = None,
        description: str | None = None,
        gt: Any = None,
        ge: Any = None,
        lt: Any = None,
        le: Any = None,
        multiple_of: float | None = None,
        min_length: int | None = None,
        max_length: int | None = None,
        pattern: str | re.Pattern[str] | None = None,
        strict: bool | None = None,
        discriminator: Any = None,
        validate_default: bool | None = None,
        union_mode: Any = None,
        fail_fast: bool | None = None,
        allow_inf_nan: bool | None = None,
        max_digits: int | None = None,
        decimal_places: int | None = None,
        examples: Sequence[Any] | None = None,
        openapi_examples: Mapping[str, Any] | None = None,
        deprecated: bool | str | None = None,
        include_in_schema: bool = True,
        json_schema_extra: Any = None,
        regex: str | None = None,
        example: Any = MISSING,
        **unexpected: Never,
    ) -> None:
        _reject(type(self), unexpected)
        if regex is not None:
            pattern = _instead_of("regex=", "pattern=", pattern, regex)
        if example is not MISSING:
            examples = _instead_of("example=", "examples=[...]", examples, [example])
        given = {
            "gt": gt, "ge": ge, "lt": lt, "le": le, "multiple_of": multiple_of, "min_length": min_length,
            "max_length": max_length, "pattern": pattern, "strict": strict, "discriminator": discriminator,
            "union_mode": union_mode, "fail_fast": fail_fast, "allow_inf_nan": allow_inf_nan, "max_digits": max_digits,
            "decimal_places": decimal_places, "title": title, "description": description, "deprecated": deprecated,
            "examples": _listed(examples), "json_schema_extra": json_schema_extra,
        }  # fmt: skip
        names = {
            "default_factory": default_factory, "alias_priority": alias_priority, "validate_default": validate_default,
            "alias": alias, "validation_alias": validation_alias, "serialization_alias": serialization_alias,
        }  # fmt: skip
        written = {name: value for name, value in (given | names).items() if value is not None}
        if default is not MISSING and default is not ...:
            if default_factory is not None:
                raise TypeError(f"`{type(self).__name__}(...)` has a default and a `default_factory`: keep one of them")
            written["default"] = default
        super().__init__(**written)
        self.openapi_examples, self.include_in_schema = openapi_examples, include_in_schema
        self.field_options = {name: value for name, value in given.items() if value is not None}

    def __repr__(self) -> str:
        arguments = [f"{name}={value!r}" for name, value in self.field_options.items()]
        if self.alias is not None:
            arguments.insert(0, f"alias={self.alias!r}")
        if self.own_default is not MISSING:
            arguments.insert(0, repr(self.own_default))
        return f"{type(self).__name__}({', '.join(arguments)})"

    __str__ = __repr__

    @property
    def own_default(self) -> Any:
        """The default of the marker, or `MISSING`."""
        return MISSING if self.default is UNDEFINED else self.default

    @property
    def wire_names(self) -> tuple[str, ...]:
        """The aliases in requests, in order of preference; () if the name of the parameter is used."""
        alias = self.validation_alias if self.validation_alias is not None else self.alias
        if alias is None:
            return ()
        if isinstance(alias, str):
            return (alias,)
        choices = getattr(alias, "choices", None)  # pydantic's `AliasChoices`
        return tuple(choice for choice in choices or () if isinstance(choice, str))

    @property
    def follows_path(self) -> bool:
        """Whether an alias is an `AliasPath` of pydantic, into a nested value."""
        choices = getattr(self.validation_alias, "choices", (self.validation_alias,))
        return any(hasattr(choice, "path") for choice in choices)


def _listed(examples: Sequence[Any] | None) -> list[Any] | None:
    if isinstance(examples, str):
        raise TypeError(f"`examples={examples!r}` must be a list, got a string: write `examples=[...]`")
    return list(examples) if examples is not None else None


def _instead_of(deprecated: str, argument: str, value: Any, old: Any) -> Any:
    """The value of an argument, or of its deprecated form."""
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and frame.f_globals is globals():  # of the marker's constructors
        frame, level = frame.f_back, level + 1
    warn(f"`{deprecated}` is deprecated: write `{argument}`", SignetteDeprecationWarning, stacklevel=level)
    return value if value is not None else old


class Styled(Marker):
    """A marker with `style` and `explode`, the format of lists and objects (OpenAPI 3.1 §4.8.12.4)."""

    def __init__(
        self, default: Any = MISSING, *, style: str | None = None, explode: bool | None = None, **options: Any
    ) -> None:
        super().__init__(default, **options)
        self.style = style
        self.explode = explode


class Path(Styled):
    """A path parameter: `item_id` of `/items/{item_id}`."""


class Query(Styled):
    """A query parameter. A list takes all values of its name."""


class Header(Styled):
    """A request header. Underscores in the name become hyphens, unless `convert_underscores=False`."""

    def __init__(self, default: Any = MISSING, *, convert_underscores: bool = True, **options: Any) -> None:
        super().__init__(default, **options)
        self.convert_underscores = convert_underscores


class Cookie(Styled):
    """A cookie, by the name of the parameter or its `alias`."""


class Body(Marker):
    """The JSON body; with `embed=True`, the member of the body with the parameter's name.

    With `decimal=True`, numbers with a fraction or an exponent are `Decimal`s with all their digits, and no floats.
    `media_types` are the formats that the body may have: `[JSON, FormEncoded]` of `signette.formats`.
    """

    def __init__(
        self,
        default: Any = MISSING,
        *,
        embed: bool | None = None,
        media_type: str = "application/json",
        decimal: bool = False,
        media_types: Sequence[Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(default, **options)
        self.embed = embed
        self.decimal = decimal
        self.media_types = media_types
        self.media_type = media_type


class Form(Marker):
    """A field of a form, urlencoded or multipart. An empty value counts as missing, unless `allow_empty=True`."""

    def __init__(
        self,
        default: Any = MISSING,
        *,
        media_type: str = "application/x-www-form-urlencoded",
        allow_empty: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(default, **options)
        self.media_type = media_type
        self.allow_empty = allow_empty


class File(Form):
    """An uploaded file: an `UploadFile`, or the content if the parameter is `bytes`.

    A file larger than `max_bytes` is rejected with 413 while it is received, and a file of none of the `media_types`
    with 415: `media_types=["image/*", "application/pdf"]`. These are compared with the type that the client declares,
    and with `sniff=True` also with the first bytes of the file.
    """

    def __init__(
        self,
        default: Any = MISSING,
        *,
        media_type: str = "multipart/form-data",
        max_bytes: int | None = None,
        media_types: Sequence[str] | None = None,
        sniff: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(default, media_type=media_type, **options)
        self.max_bytes = max_bytes
        self.media_types = media_types
        self.sniff = sniff

"""What people write to say where a value comes from: `Annotated[int, Query(ge=1)]`.

A marker is a record of what was written. Its source (`sources/`) decides what it means for a parameter. For the field
of a model it is a pydantic `Field`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from warnings import warn

from signette.declarative.fields.base import UNDEFINED, FieldBase
from signette.types import SignetteDeprecationWarning


class Missing:
    """The type of `MISSING`: no value, where `None` would be one."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "MISSING"  # a round trip through pickle gives the one object again


MISSING = Missing()


class Marker(FieldBase):
    """What each marker can say: a default, names on the wire, constraints, and words for the OpenAPI document."""

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
    ) -> None:
        if regex is not None:
            warn("`regex=` is deprecated: write `pattern=`", SignetteDeprecationWarning, stacklevel=2)
            pattern = pattern if pattern is not None else regex
        if example is not MISSING:
            warn("`example=` is deprecated: write `examples=[...]`", SignetteDeprecationWarning, stacklevel=2)
            examples = examples if examples is not None else [example]
        if isinstance(examples, str):
            raise TypeError(f"`examples={examples!r}` is one text, not a list of examples: write `examples=[...]`")
        given = {
            "gt": gt, "ge": ge, "lt": lt, "le": le, "multiple_of": multiple_of, "min_length": min_length,
            "max_length": max_length, "pattern": pattern, "strict": strict, "discriminator": discriminator,
            "union_mode": union_mode, "fail_fast": fail_fast,
            "allow_inf_nan": allow_inf_nan, "max_digits": max_digits, "decimal_places": decimal_places, "title": title,
            "description": description, "examples": list(examples) if examples is not None else None,
            "deprecated": deprecated, "json_schema_extra": json_schema_extra,
        }  # fmt: skip
        names = {
            "default_factory": default_factory, "alias": alias, "alias_priority": alias_priority,
            "validation_alias": validation_alias, "serialization_alias": serialization_alias,
            "validate_default": validate_default,
        }  # fmt: skip
        written = {name: value for name, value in (given | names).items() if value is not None}
        if default is not MISSING and default is not ...:
            if default_factory is not None:
                raise TypeError(f"`{type(self).__name__}(...)` has a default and a `default_factory`: keep one of them")
            written["default"] = default
        super().__init__(**written)
        self.openapi_examples = openapi_examples
        self.include_in_schema = include_in_schema
        self.field_options = {name: value for name, value in given.items() if value is not None}

    def __repr__(self) -> str:
        said = [f"{name}={value!r}" for name, value in self.field_options.items()]
        if self.alias is not None:
            said.insert(0, f"alias={self.alias!r}")
        if self.own_default is not MISSING:
            said.insert(0, repr(self.own_default))
        return f"{type(self).__name__}({', '.join(said)})"

    __str__ = __repr__

    @property
    def own_default(self) -> Any:
        """The default that was written, `MISSING` where none was."""
        return MISSING if self.default is UNDEFINED else self.default

    @property
    def wire_names(self) -> tuple[str, ...]:
        """The names on the wire that were asked for, first choice first; empty where the parameter's own serves."""
        wanted = self.validation_alias if self.validation_alias is not None else self.alias
        if wanted is None:
            return ()
        if isinstance(wanted, str):
            return (wanted,)
        choices = getattr(wanted, "choices", None)  # pydantic's AliasChoices, known by its shape
        return tuple(choice for choice in choices or () if isinstance(choice, str))

    @property
    def follows_path(self) -> bool:
        """Whether a name leads into a value: pydantic's `AliasPath`, known by its shape."""
        choices = getattr(self.validation_alias, "choices", (self.validation_alias,))
        return any(hasattr(choice, "path") for choice in choices)


class Styled(Marker):
    """A parameter in OpenAPI's sense, which may say how a list or an object is written (OpenAPI 3.1 §4.8.12.4)."""

    def __init__(
        self, default: Any = MISSING, *, style: str | None = None, explode: bool | None = None, **said: Any
    ) -> None:
        super().__init__(default, **said)
        self.style = style
        self.explode = explode


class Path(Styled):
    """The value is a piece of the path: `/items/{item_id}`."""


class Query(Styled):
    """The value stands in the query string. A list takes every value of its name."""


class Header(Styled):
    """The value is a header. Underscores of the parameter's name become hyphens unless `convert_underscores=False`."""

    def __init__(self, default: Any = MISSING, *, convert_underscores: bool = True, **said: Any) -> None:
        super().__init__(default, **said)
        self.convert_underscores = convert_underscores


class Cookie(Styled):
    """The value is a cookie, by the parameter's own name or its `alias`."""


class Body(Marker):
    """The value is the JSON body, or with `embed=True` the member of it that bears the parameter's name."""

    def __init__(
        self,
        default: Any = MISSING,
        *,
        embed: bool | None = None,
        media_type: str = "application/json",
        **said: Any,
    ) -> None:
        super().__init__(default, **said)
        self.embed = embed
        self.media_type = media_type


class Form(Marker):
    """The value is a field of a form, urlencoded or multipart. An empty one counts as missing, unless `allow_empty`."""

    def __init__(
        self,
        default: Any = MISSING,
        *,
        media_type: str = "application/x-www-form-urlencoded",
        allow_empty: bool = False,
        **said: Any,
    ) -> None:
        super().__init__(default, **said)
        self.media_type = media_type
        self.allow_empty = allow_empty


class File(Form):
    """The value is an uploaded file: an `UploadFile`, or its content where the parameter is `bytes`.

    `max_bytes` bounds this file; more is answered 413 while it arrives.
    """

    def __init__(
        self,
        default: Any = MISSING,
        *,
        media_type: str = "multipart/form-data",
        max_bytes: int | None = None,
        **said: Any,
    ) -> None:
        super().__init__(default, media_type=media_type, **said)
        self.max_bytes = max_bytes

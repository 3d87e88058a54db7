"""The markers as people write them, and as type checkers see them.

To a checker `q: str = Query(min_length=3)` is a default, so that what `Query(...)` gives must fit each type: here the
markers are functions that give anything, with the options of each. When the program runs they are the classes of
`markers`, as custom sources and `isinstance` want them. `tests/declarative/test_marking.py` holds the two together.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

if not TYPE_CHECKING:
    from signette.declarative.signature.markers import Body, Cookie, File, Form, Header, Path, Query
else:
    from typing import Unpack

    from signette.declarative.signature.markers import MISSING

__all__ = ["Body", "Cookie", "File", "Form", "Header", "Path", "Query"]


class MarkerOptions(TypedDict, total=False):
    """What each marker takes beside the default."""

    default_factory: Callable[[], Any] | Callable[[dict[str, Any]], Any] | None
    alias: str | None
    alias_priority: int | None
    validation_alias: Any
    """A name, or pydantic's `AliasChoices` or `AliasPath`."""
    serialization_alias: str | None
    title: str | None
    description: str | None
    gt: Any
    ge: Any
    lt: Any
    le: Any
    multiple_of: float | None
    min_length: int | None
    max_length: int | None
    pattern: str | re.Pattern[str] | None
    strict: bool | None
    discriminator: Any
    validate_default: bool | None
    union_mode: Any
    fail_fast: bool | None
    allow_inf_nan: bool | None
    max_digits: int | None
    decimal_places: int | None
    examples: Sequence[Any] | None
    openapi_examples: Mapping[str, Any] | None
    """Examples with names, as OpenAPI's `examples` has them."""
    deprecated: bool | str | None
    include_in_schema: bool
    json_schema_extra: Any
    regex: str | None
    """Deprecated: `pattern`."""
    example: Any
    """Deprecated: `examples`."""


class ParameterOptions(MarkerOptions, total=False):
    """What the markers of parameters in OpenAPI's sense take, too."""

    style: str | None
    explode: bool | None


class HeaderOptions(ParameterOptions, total=False):
    """What `Header` takes."""

    convert_underscores: bool


class BodyOptions(MarkerOptions, total=False):
    """What `Body` takes."""

    embed: bool | None
    media_type: str


class FormOptions(MarkerOptions, total=False):
    """What `Form` takes."""

    media_type: str
    allow_empty: bool


class FileOptions(FormOptions, total=False):
    """What `File` takes."""

    max_bytes: int | None


if TYPE_CHECKING:

    def Path(default: Any = MISSING, **options: Unpack[ParameterOptions]) -> Any:  # noqa: N802 - as people know it
        """The value is a piece of the path: `/items/{item_id}`."""

    def Query(default: Any = MISSING, **options: Unpack[ParameterOptions]) -> Any:  # noqa: N802
        """The value stands in the query string. A list takes every value of its name."""

    def Header(default: Any = MISSING, **options: Unpack[HeaderOptions]) -> Any:  # noqa: N802
        """The value is a header. Underscores of the name become hyphens unless `convert_underscores=False`."""

    def Cookie(default: Any = MISSING, **options: Unpack[ParameterOptions]) -> Any:  # noqa: N802
        """The value is a cookie, by the parameter's own name or its `alias`."""

    def Body(default: Any = MISSING, **options: Unpack[BodyOptions]) -> Any:  # noqa: N802
        """The value is the JSON body, or with `embed=True` the member of it that bears the parameter's name."""

    def Form(default: Any = MISSING, **options: Unpack[FormOptions]) -> Any:  # noqa: N802
        """The value is a field of a form, urlencoded or multipart. An empty one is missing, unless `allow_empty`."""

    def File(default: Any = MISSING, **options: Unpack[FileOptions]) -> Any:  # noqa: N802
        """The value is an uploaded file, of at most `max_bytes`."""

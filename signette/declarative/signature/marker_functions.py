"""The markers, `Depends` and `Security` for type checkers: functions that return Any.

In `q: str = Query(min_length=3)`, a type checker treats `Query(...)` as a default, so it must be assignable to every
type. At run time the names are the classes of `markers` and `depends`, for custom sources and `isinstance`;
`signette.params` has the classes for type checkers, too.
`tests/declarative/test_marking.py` checks that both have the same options.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from typing import Unpack

    from signette.declarative.signature.depends import Lifetime
    from signette.declarative.signature.executors import Executor
    from signette.declarative.signature.markers import MISSING

__all__ = ["Body", "Cookie", "Depends", "File", "Form", "Header", "Path", "Query", "Security"]


class MarkerOptions(TypedDict, total=False):
    """The options of all markers."""

    default_factory: Callable[[], Any] | Callable[[dict[str, Any]], Any] | None
    alias: str | None
    alias_priority: int | None
    validation_alias: Any
    """A name, or an `AliasChoices` or `AliasPath` of pydantic."""
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
    """Named examples, as in the `examples` of OpenAPI."""
    deprecated: bool | str | None
    include_in_schema: bool
    json_schema_extra: Any
    regex: str | None
    """Deprecated: use `pattern`."""
    example: Any
    """Deprecated: use `examples`."""


class ParameterOptions(MarkerOptions, total=False):
    """The options of `Path`, `Query` and `Cookie`: parameters in OpenAPI."""

    style: str | None
    explode: bool | None


class HeaderOptions(ParameterOptions, total=False):
    """The options of `Header`."""

    convert_underscores: bool


class BodyOptions(MarkerOptions, total=False):
    """The options of `Body`."""

    embed: bool | None
    media_type: str
    decimal: bool
    media_types: Sequence[Any] | None


class FormOptions(MarkerOptions, total=False):
    """The options of `Form`."""

    media_type: str
    allow_empty: bool


class FileOptions(FormOptions, total=False):
    """The options of `File`."""

    max_bytes: int | None
    media_types: Sequence[str] | None
    """The media types of files that are accepted, and ranges: `["image/*", "application/pdf"]`."""
    sniff: bool
    """Whether the first bytes of a file must match the media types, too."""


if TYPE_CHECKING:

    def Path(default: Any = MISSING, **options: Unpack[ParameterOptions]) -> Any:  # noqa: N802 - the name that FastAPI uses
        """A path parameter: `item_id` of `/items/{item_id}`."""

    def Query(default: Any = MISSING, **options: Unpack[ParameterOptions]) -> Any:  # noqa: N802
        """A query parameter. A list takes all values of its name."""

    def Header(default: Any = MISSING, **options: Unpack[HeaderOptions]) -> Any:  # noqa: N802
        """A request header. Underscores in the name become hyphens, unless `convert_underscores=False`."""

    def Cookie(default: Any = MISSING, **options: Unpack[ParameterOptions]) -> Any:  # noqa: N802
        """A cookie, by the name of the parameter or its `alias`."""

    def Body(default: Any = MISSING, **options: Unpack[BodyOptions]) -> Any:  # noqa: N802
        """The JSON body; with `embed=True`, the member of the body with the parameter's name."""

    def Form(default: Any = MISSING, **options: Unpack[FormOptions]) -> Any:  # noqa: N802
        """A field of a form, urlencoded or multipart. An empty value counts as missing, unless `allow_empty=True`."""

    def File(default: Any = MISSING, **options: Unpack[FileOptions]) -> Any:  # noqa: N802
        """An uploaded file of at most `max_bytes`, of one of the `media_types`."""

    def Depends(  # noqa: N802
        dependency: Callable[..., Any] | None = None,
        *,
        use_cache: bool = True,
        scope: Lifetime | None = None,
        max_concurrency: int | None = None,
        concurrent: bool = False,
        executor: Executor | None = None,
    ) -> Any:
        """Fill the parameter with what `dependency` returns or yields. Without an argument, call the annotated class.

        The result is cached for the request, unless `use_cache=False`. A generator is closed after the response is sent
        (`scope="request"`), or when the endpoint returns (`scope="function"`). With `scope="app"`, it runs once, when
        the application starts. At most `max_concurrency` requests run the dependency at once. With `concurrent=True`,
        it runs at the same time as the other dependencies with this argument. `executor=Thread(limit=4)` runs a sync
        function in dedicated threads, `Process(limit=2)` in worker processes, `Interpreter(limit=2)` in interpreters.
        """

    def Security(  # noqa: N802
        dependency: Callable[..., Any] | None = None,
        *,
        scopes: Sequence[str] | None = None,
        use_cache: bool = True,
    ) -> Any:
        """A dependency that guards the endpoint: it runs before the body is read, and requires these OAuth2 scopes."""

else:
    from signette.declarative.signature.depends import Depends, Security
    from signette.declarative.signature.markers import Body, Cookie, File, Form, Header, Path, Query

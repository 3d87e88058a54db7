"""Page parameters: each is short for a dependency, which reads `limit` and `cursor` or `offset`, and makes the page.

So reads, their errors and their documentation are those of any dependency. The plan has one more fact: how the
operation pages (`Paging`), for the document and for clients.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any, get_args

from signette.declarative.adapters.page_keys import PageKeys
from signette.declarative.adapters.validators import PydanticUserError, SchemaError
from signette.declarative.errors import base as errors
from signette.declarative.errors import pages as page_errors
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.steps import Read, Step
from signette.declarative.returns.response import is_response
from signette.declarative.signature.annotations import class_of, metadata_of, strip_annotated, union_members
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.depends import Dependency, Depends
from signette.declarative.signature.markers import MISSING, Query
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.signature.outcomes import Raises
from signette.declarative.signature.pages import PAGE_PARAMETERS, Page, PageLimit, Paging
from signette.declarative.signature.type_info import type_info
from signette.declarative.sources.pages import Links, PageRequest, SignedLinks

# The attribute of the dependency that has its `Paging`.
_PAGING = "__signette_paging__"
_TYPES = (Page, *PAGE_PARAMETERS)
_CURSOR = "The member `next` of the page before. Without it, the response is the first page."
_OFFSET = "The number of items before the page."
_LIMIT = "The largest number of items on the page."
# Options that name fields of a model, which the body of a page is not.
_FIELD_OPTIONS = ("response_model_include", "response_model_exclude")


def with_page(parameter: Parameter, endpoint: Endpoint, where: SourceLocation, *, alone: bool) -> Parameter:
    """A page parameter as a dependency; other parameters are returned unchanged.

    `alone`: its callable is called without a request.

    Raises SignatureError.
    """
    name, annotation = parameter.name, parameter.annotation
    if (type(annotation) is type and annotation not in _TYPES) or isinstance(parameter.marker, Dependency):
        return parameter
    if parameter.type.cls not in PAGE_PARAMETERS:
        if any(part.cls in _TYPES for part in parameter.type.walk()):
            why = "`Page` is a result" if parameter.type.cls is Page else "it is inside another type"
            raise page_errors.invalid_page_parameter(where, name, annotation, why)
        return parameter
    if alone or endpoint.socket or endpoint.is_job:
        place = "a WebSocket endpoint" if endpoint.socket else "a callable that is called outside of a request"
        raise page_errors.page_outside_of_request(where, name, place)
    if not set(endpoint.methods) <= {"GET", "HEAD"}:
        raise page_errors.page_for_another_method(where, name, endpoint.methods)
    paging = _paging(parameter, endpoint.options.get("page_limit"), where)
    made = _made(paging, location_of(endpoint.function).name)
    return replace(parameter, annotation=strip_annotated(annotation), marker=Depends(made), declaration=None)


def _paging(parameter: Parameter, shared: PageLimit | None, where: SourceLocation) -> Paging:
    """How a page parameter pages. `shared`: the limit of its router or application."""
    name, annotation = parameter.name, parameter.annotation
    metadata = metadata_of(annotation)
    why = None
    if parameter.default is not MISSING:
        why = "it has a default"
    elif parameter.marker is not None:
        why = f"it is marked `{type(parameter.marker).__name__}`"
    elif len(metadata) > 1 or not all(isinstance(each, PageLimit) for each in metadata):
        why = "of `Annotated[...]`, only one `Page.Limit(...)` has an effect"
    limit: PageLimit = metadata[0] if metadata and why is None else shared or PageLimit()
    if parameter.type.cls is Page.Offset and why is None:
        return Paging("offset", limit)
    keys = get_args(strip_annotated(annotation))
    if why is None and not keys:
        why = "the type of its key is missing"
    if why is None and type(None) in (keys[0], *map(strip_annotated, union_members(keys[0]))):
        why = "its key may be `None`, which means the first page"
    if why is not None:
        raise page_errors.invalid_page_parameter(where, name, annotation, why)
    if limit.max_offset is not None and limit is not shared:
        raise page_errors.max_offset_of_cursor(where, name)
    try:
        PageKeys(keys[0])
    except (PydanticUserError, SchemaError, TypeError, KeyError) as exc:
        if (unknown := errors.undefined_name_in(exc)) is not None:
            raise errors.unresolved_forward_ref(where, unknown) from None
        raise page_errors.invalid_page_key(where, name, keys[0], errors.summary(exc)) from None
    return Paging("cursor", limit, keys[0])


# -- the dependency ----------------------------------------------------------------------------------------------------


def _made(paging: Paging, operation: str) -> Callable[..., Any]:
    """The dependency of a page parameter, the same one for each parameter of an operation."""
    try:
        return _cached(paging, operation, repr(paging.key))
    except TypeError:  # metadata in the key that cannot be hashed
        return _dependency(paging, operation)


@lru_cache(maxsize=1024)
def _cached(paging: Paging, operation: str, key: str) -> Callable[..., Any]:  # noqa: ARG001 - `Literal[1] == Literal[True]`
    return _dependency(paging, operation)


def _dependency(paging: Paging, operation: str) -> Callable[..., Any]:
    limit = paging.limit
    made, other, result = _cursor_page(paging, operation) if paging.parameter == "cursor" else _offset_page(paging)
    parameters = {
        "request": (PageRequest, inspect.Parameter.empty),
        "limit": (Annotated[int, Query(ge=1, le=limit.maximum, description=_LIMIT)], limit.default),
        paging.parameter: other,
    }
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature(
        [
            inspect.Parameter(name, kind, annotation=each, default=default)
            for name, (each, default) in parameters.items()
        ],
        return_annotation=result,
    )
    made.__module__, made.__name__, made.__qualname__ = "signette", "page", f"Page.{paging.parameter.title()}"
    vars(made).update({"__signature__": signature, _PAGING: paging})
    return made


def _cursor_page(paging: Paging, operation: str) -> tuple[Callable[..., Any], tuple[Any, Any], Any]:
    keys = PageKeys(paging.key)
    # A cursor of an older version, whose key had another type, is one of another list.
    operation = f"{operation} {errors.format_type(paging.key)}"

    async def page(request: PageRequest, limit: int, cursor: str | None) -> Any:
        links = SignedLinks(request, paging, keys, operation)
        return Page.Cursor(limit, None if cursor is None else links.key(cursor), links)

    result = Annotated[Page.Cursor[paging.key], Raises(Page.InvalidCursor)]  # type: ignore[name-defined]  # a type at runtime
    return page, (Annotated[str | None, Query(description=_CURSOR)], None), result


def _offset_page(paging: Paging) -> tuple[Callable[..., Any], tuple[Any, Any], Any]:
    async def page(request: PageRequest, limit: int, offset: int) -> Any:
        return Page.Offset(limit, offset, Links(request, paging), paging.max_offset)

    return page, (Annotated[int, Query(ge=0, le=paging.max_offset, description=_OFFSET)], 0), Page.Offset


# -- the result --------------------------------------------------------------------------------------------------------


def is_page_parameter(target: Any) -> bool:
    """Whether a callable makes the value of a page parameter, which has the URL of its request for links."""
    return getattr(target, _PAGING, None) is not None


def paging_of(endpoint: Endpoint, targets: Iterable[Any], steps: Iterable[Step], annotation: Any) -> Paging | None:
    """How an operation pages; None if it does not. `targets`: its callables; `annotation`: its declared result.

    Raises SignatureError.
    """
    every: Iterable[Paging | None] = (getattr(target, _PAGING, None) for target in targets)
    found = list(dict.fromkeys(each for each in every if each is not None))
    is_page = annotation is not MISSING and class_of(annotation) is Page
    is_misplaced = not is_page and _has_page(annotation)
    if not (found or is_page or is_misplaced):
        return None  # PERF: most operations do not page; their location takes 10 us
    where = location_of(endpoint.function)
    if is_misplaced:
        raise page_errors.misplaced_page(where, annotation)
    if len(found) > 1:
        raise page_errors.conflicting_pages(where)
    if is_page:
        _check_page(endpoint, where, annotation, has_parameter=bool(found))
    if not found:
        return None
    if not is_page and not endpoint.overrides and not (annotation is not MISSING and is_response(annotation)):
        raise page_errors.page_without_result(where, annotation)
    names = [name for step in steps if isinstance(step, Read) and step.source.place == "query" for name in step.keys]
    for name in found[0].names:
        if names.count(name) > 1:
            raise page_errors.page_name_taken(where, name)
    return found[0]


def _has_page(annotation: Any) -> bool:
    """Whether a page is part of another type."""
    if annotation is MISSING or type(annotation) is type:
        return False
    return any(part.cls is Page for part in type_info(annotation).walk())


def _check_page(endpoint: Endpoint, where: SourceLocation, annotation: Any, *, has_parameter: bool) -> None:
    options: Mapping[str, Any] = endpoint.options
    if not has_parameter and not endpoint.overrides:  # an override may be the dependency with the page parameter
        raise page_errors.page_without_parameter(where, annotation)
    for option in _FIELD_OPTIONS:
        if options.get(option) is not None:
            raise page_errors.page_with_fields(where, option)

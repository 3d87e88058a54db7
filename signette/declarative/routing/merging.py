"""What the user says of the document, laid over what the plan says."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from signette.declarative.routing.options import RouteOptions


def deep_merge(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both together: objects member by member, lists one behind the other, and else what `more` says."""
    merged = dict(base)
    for key, value in more.items():
        known = merged.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            merged[key] = deep_merge(known, value)
        elif isinstance(known, list) and isinstance(value, list | tuple):
            merged[key] = [*known, *value]
        else:
            merged[key] = value
    return merged


def merge_options(outer: RouteOptions, inner: RouteOptions) -> RouteOptions:
    """Options of a layer and of what is in it: the inner ones win, some add up. None says nothing, but of a model."""
    said = {name: value for name, value in inner.items() if value is not None or name == "response_model"}
    both = {name: together(outer[name], said[name]) for name, together in _TOGETHER.items()  # type: ignore[literal-required]
            if name in outer and name in said}  # fmt: skip
    return cast(RouteOptions, {**outer, **said, **both})


def _each_once(outer: Iterable[Any], inner: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys((*outer, *inner)))


# What becomes of options that a layer says, and something in it, too. Of all others the inner one counts.
_TOGETHER: Mapping[str, Callable[[Any, Any], Any]] = {
    "tags": _each_once,
    "callbacks": _each_once,
    "responses": lambda outer, inner: {**outer, **inner},
    "openapi_extra": deep_merge,
    "form_limits": lambda outer, inner: {**outer, **inner},
    "include_in_schema": lambda outer, inner: outer and inner,
}

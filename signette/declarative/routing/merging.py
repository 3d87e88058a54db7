"""Merging: options of routers and routes, and OpenAPI objects of the user and the plan."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from signette.declarative.inspection.option_origins import DeclaredOptions, declarations_of
from signette.declarative.policies.entries import combined
from signette.declarative.routing.options import RouteOptions


def deep_merge(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Merge two JSON objects: objects recursively, lists by concatenation; other values of `more` replace."""
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
    """Merge options of a router and its routes: inner ones win, some are combined. None: not set, but for some."""
    own = {name: value for name, value in inner.items() if value is not None or name in _NONE_COUNTS}
    both = {name: combine(outer[name], own[name]) for name, combine in _COMBINED.items()  # type: ignore[literal-required]
            if name in outer and name in own}  # fmt: skip
    merged = DeclaredOptions.of({**outer, **own, **both}, *declarations_of(outer), *declarations_of(inner))
    return cast(RouteOptions, merged)


# Options whose None has a meaning: without a model, formats or an envelope of what is around.
_NONE_COUNTS = frozenset({"response_model", "renders", "envelope"})


def _each_once(outer: Iterable[Any], inner: Iterable[Any]) -> list[Any]:
    """The routes of both. Routes may be equal to others, and cannot be hashed."""
    return list({id(each): each for each in (*outer, *inner)}.values())


def _unique(outer: Iterable[Any], inner: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys((*outer, *inner)))


# How to combine options that are set twice. Of all others the inner one wins.
_COMBINED: Mapping[str, Callable[[Any, Any], Any]] = {
    "policies": combined,
    "tags": _unique,
    "callbacks": _each_once,
    "responses": lambda outer, inner: {**outer, **inner},
    "openapi_extra": deep_merge,
    "form_limits": lambda outer, inner: {**outer, **inner},
    "include_in_schema": lambda outer, inner: outer and inner,
}

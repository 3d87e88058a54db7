"""What routes share because it depends on an annotation and a default alone.

Theory of operation. `item_id: int` is in many signatures, and what is decided for it is the same in all of them. Equal
annotations are not enough: `Literal[1] == Literal[True]`, and `int | str == str | int` has another document. So an
annotation is compared by identity, except for what is written again in each signature: `str | None` and `list[int]`,
whose parts are classes, and markers with plain arguments, as in `Annotated[int, Query(ge=1)]`. Parts are compared in
their order, and arguments with their classes.
"""

from collections.abc import Hashable
from types import FunctionType, GenericAlias, UnionType
from typing import Annotated, Any, get_args

from signette.declarative.fields.base import UNDEFINED, names_in
from signette.declarative.signature.depends import Depends, Security
from signette.declarative.signature.markers import Cookie, Header, Marker, Missing, Path, Query

# An application that has more kinds of parameters begins again: its next routes share what they have in common.
MOST_SHARED = 4096


class Shared(dict[Hashable, Any]):
    """A bounded cache of what may be shared. Not an LRU cache, as some values must not be kept."""

    def keep(self, key: Hashable, value: Any) -> None:
        if len(self) >= MOST_SHARED:
            self.clear()
        self[key] = value

    def cache_clear(self) -> None:
        """As `lru_cache` calls it."""
        self.clear()


def sharing_key(annotation: Any) -> Hashable:
    """A key of an annotation. It is valid as long as the annotation exists, so an entry must keep it."""
    kind = type(annotation)
    if kind is UnionType or kind is GenericAlias:
        parts = annotation.__args__
        origin = annotation.__origin__ if kind is GenericAlias else None
        if not getattr(annotation, "__unpacked__", False) and all(isinstance(each, type) for each in parts):
            return (kind, id(origin), *map(id, parts))
    if kind is _ANNOTATED:
        known: tuple[Any, Hashable] | None = _keys.get(id(annotation))
        if known is None:
            first, *metadata = get_args(annotation)
            parts = tuple(marker_key(each) or id(each) for each in metadata)
            known = annotation, (sharing_key(first), *parts)
            if is_kept(annotation):
                _keys.keep(id(annotation), known)
        return known[1]
    return id(annotation)


_keys = Shared()
_ANNOTATED = type(Annotated[int, 0])
_MARKERS = frozenset({Query, Path, Header, Cookie})
_DEPENDENCIES = frozenset({Depends, Security})
# The types of defaults and arguments that are compared by value. Others may be equal and differ, or may change.
_PLAIN = frozenset({Missing, type(None), bool, int, str, type(UNDEFINED)})


def default_key(default: Any) -> Hashable | None:
    """A key of a default, which may be a marker. None: it is shared with no other."""
    return (type(default), default) if type(default) in _PLAIN else marker_key(default)


def marker_key(marker: Any) -> Hashable | None:
    """A key of a marker. None: it has arguments that are not plain."""
    kind = type(marker)
    if kind in _DEPENDENCIES:
        # The key is valid as long as the marker exists. A function in another one may refer to an application.
        target = marker.dependency
        is_plain = marker.concurrency_limit is None and marker.executor is None
        if not is_plain or type(target) is not FunctionType or "<locals>" in target.__qualname__:
            return None
        return kind, id(target), marker.use_cache, marker.scope, marker.scopes, marker.guard, marker.concurrent
    if kind not in _MARKERS:
        return None
    own = vars(marker)
    arguments = {**own, **own["field_options"], **names_in(marker), "field_options": None, "default": marker.default}
    if not all(type(each) in _PLAIN for each in arguments.values()):
        return None
    return (kind, *((name, type(each), each) for name, each in arguments.items() if each is not None))


def marker_in(annotation: Any, default: Any) -> Marker | None:
    """The marker that is written in an annotation or as its default."""
    metadata = get_args(annotation)[1:] if type(annotation) is _ANNOTATED else ()
    return next((each for each in (default, *reversed(metadata)) if isinstance(each, Marker)), None)


def is_kept(annotation: Any, default: Any = None) -> bool:
    """Whether an annotation with its default may be kept for longer than the application that has it."""
    metadata = get_args(annotation)[1:] if type(annotation) is _ANNOTATED else ()
    return not any(type(each) in _DEPENDENCIES and marker_key(each) is None for each in (*metadata, default))

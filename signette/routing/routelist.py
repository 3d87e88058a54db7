"""The live list of an application's routes. Changes clear the indexes that were built from it."""

from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Self, SupportsIndex

from signette.datastructures.url import URLPath
from signette.routing.base import BaseRoute, Handler, NamedRoute, is_plainly_reversed, reverse_route
from signette.routing.foreign import checked_route
from signette.routing.index import RouteIndex
from signette.routing.matching import Shape, shape_of

DirectRun = Callable[..., Coroutine[Any, Any, None]]


class KnownPaths:
    """The `run` of handlers with `runs_directly` by method: `paths` by path, `parents` by the path before the last
    segment, `shapes` by the number of segments and those that are literal.

    All were found without a walk. A change of the routes empties it.
    """

    # PERF: dictionaries that stay, as the way to those of the index takes 3 % of the smallest request.
    __slots__ = ("parents", "paths", "shapes")

    def __init__(self) -> None:
        self.paths: dict[str, dict[str, DirectRun]] = {}
        self.parents: dict[str, dict[str, DirectRun]] = {}
        self.shapes: dict[int, list[Shape[DirectRun]]] = {}

    def forget(self) -> None:
        """Empty it."""
        self.paths.clear()
        self.parents.clear()
        self.shapes.clear()

    def by_shape(self, path: str) -> tuple[dict[str, DirectRun] | None, tuple[str, ...]]:
        """The functions by method for a path with parameters at any places, and the texts of the parameters."""
        segments = path.split("/")
        for shape in self.shapes.get(len(segments), ()):
            if (runs := shape.handlers.get(shape.literals(segments))) is not None:
                values = shape.parameters(segments)
                if "" not in values:
                    return runs, values
        return None, ()

    def note(self, index: RouteIndex, path: str, method: str, handler: Handler) -> None:
        """Note a handler, if the index finds it for a path, its parent or its shape. HEAD is left out."""
        if method == "HEAD":
            return
        run: Any = handler.run  # returns a coroutine, as all binders do
        if (hits := index.exact.get(path)) is not None:
            if hits.get(method) == (handler, ()):
                self.paths.setdefault(path, {})[method] = run
            return
        parent = path.rpartition("/")[0]
        if index.last.get(parent, {}).get(method) is handler:
            # Requests that are not looked up here, such as those with a long path, come each time.
            if self.parents.get(parent, {}).get(method) is not run:
                self._keep_exact(index, lambda other: other.rpartition("/")[0] == parent)
                self.parents.setdefault(parent, {})[method] = run
            return
        segments = path.split("/")
        for shape in index.shapes.get(len(segments), ()):
            key = shape.literals(segments)
            if shape.handlers.get(key, {}).get(method, (0, None))[1] is handler:
                known = shape_of(self.shapes, shape.places, len(segments))
                if known.handlers.get(key, {}).get(method) is not run:
                    self._keep_exact(index, lambda other: shape.fits(other, key))  # noqa: B023 - called at once
                    known.handlers.setdefault(key, {})[method] = run
                return

    def _keep_exact(self, index: RouteIndex, is_next: Callable[[str], bool]) -> None:
        """Let `paths` have those that must not be found by a parent or a shape."""
        for other in index.exact:
            if is_next(other):
                self.paths.setdefault(other, {})


class RouteList(list[Any]):
    """A list of routes. Changes apply from the next request on.

    `http` and `websocket` are the indexes of the routes for these scope types. They are built on demand: read them as
    `routes.http or routes.index_http()`. Changes to a route itself do not update the indexes. `changes` counts the
    changes of the list. `known` are paths that an application has found in the index for HTTP.
    """

    # A `list`, although a `MutableSequence` would need less code: Starlette applications sort, copy and concatenate
    # `app.routes`, and check `isinstance(app.routes, list)`.

    # On the class, because unpickling fills a list before it sets attributes.
    version = 0
    changes = 0
    http: RouteIndex | None = None
    websocket: RouteIndex | None = None
    known: KnownPaths | None = None
    _names: dict[str | None, list[tuple[int, Any]]] | None = None

    def __init__(self, routes: Iterable[Any] = (), /) -> None:
        super().__init__(map(self._prepare_route, routes))

    def _prepare_route(self, route: Any) -> Any:
        """Check a route before it is added. Returns the object to add.

        Raises:
            TypeError: it is not a route.
        """
        return checked_route(route)

    def _handler_of(self, route: BaseRoute) -> Handler:
        """The handler that the indexes return for a route."""
        return route

    def _new_index(self, kind: str) -> RouteIndex:
        return RouteIndex(list(self), kind, self._handler_of)

    def index_http(self) -> RouteIndex:
        """Build the index for HTTP."""
        version, index = self.version, self._new_index("http")
        if version == self.version:  # no other thread has changed the list
            self.http = index
        return index

    def index_websocket(self) -> RouteIndex:
        """Build the index for WebSockets."""
        version, index = self.version, self._new_index("websocket")
        if version == self.version:
            self.websocket = index
        return index

    def path_of(self, name: str, params: dict[str, Any]) -> URLPath | None:
        """The URL path of the first route with this name and exactly these path parameters, or None."""
        names = self._names
        if names is None:
            names = self._names = self._read_names()
        named, others = names.get(name, ()), names[None]
        for _, route in sorted((*named, *others), key=_position) if named and others else named or others:
            if (url := reverse_route(route, name, params)) is not None:
                return url
        return None

    def _read_names(self) -> dict[str | None, list[tuple[int, Any]]]:
        """The routes by name, with their positions. Under None: routes that can be reversed by several names."""
        names: dict[str | None, list[tuple[int, Any]]] = {None: []}
        for position, route in enumerate(self):
            name = route.only_name() if isinstance(route, NamedRoute) and is_plainly_reversed(route) else None
            names.setdefault(name, []).append((position, route))
        return names

    def forget_indexes(self) -> None:
        """Rebuild the indexes at the next request."""
        self.version += 1
        self.http = self.websocket = None
        if self.known is not None:
            self.known.forget()

    def known_paths(self) -> KnownPaths:
        """`known`, for an application that notes paths there."""
        if self.known is None:
            self.known = KnownPaths()
        return self.known

    def _changed(self) -> None:
        self.changes += 1
        self.forget_indexes()
        self._names = None

    def __getstate__(self) -> dict[str, Any] | None:
        """No attributes: pickle stores the items of a list, and indexes are rebuilt on demand."""
        return None

    def append(self, route: Any, /) -> None:
        super().append(self._prepare_route(route))
        self._changed()

    def extend(self, routes: Iterable[Any], /) -> None:
        super().extend([self._prepare_route(route) for route in routes])
        self._changed()

    def insert(self, position: SupportsIndex, route: Any, /) -> None:
        super().insert(position, self._prepare_route(route))
        self._changed()

    def remove(self, route: Any, /) -> None:
        super().remove(route)
        self._changed()

    def pop(self, position: SupportsIndex = -1, /) -> Any:
        route = super().pop(position)
        self._changed()
        return route

    def clear(self) -> None:
        super().clear()
        self._changed()

    def sort(self, **options: Any) -> None:
        super().sort(**options)
        self._changed()

    def reverse(self) -> None:
        super().reverse()
        self._changed()

    def __setitem__(self, place: Any, value: Any, /) -> None:
        entered = (
            [self._prepare_route(route) for route in value] if isinstance(place, slice) else self._prepare_route(value)
        )
        super().__setitem__(place, entered)
        self._changed()

    def __delitem__(self, place: SupportsIndex | slice, /) -> None:
        super().__delitem__(place)
        self._changed()

    def __iadd__(self, routes: Iterable[Any], /) -> Self:  # type: ignore[misc]  # list has overloads for `+`
        self.extend(routes)
        return self

    def __imul__(self, times: SupportsIndex, /) -> Self:
        super().__imul__(times)
        self._changed()
        return self


def _position(entry: tuple[int, Any]) -> int:
    return entry[0]

"""Front ends: routes for the files of single-page applications, which handle paths that match no other route."""

from collections.abc import Sequence
from typing import Any

from signette._directories import PathLike
from signette.declarative.routing.merging import merge_options
from signette.declarative.routing.options import RouteOptions
from signette.declarative.routing.routes import TypedRoute
from signette.declarative.routing.shared_options import SharedOptions, joined
from signette.declarative.signature.depends import Dependency
from signette.declarative.sources.source import Source
from signette.routing.dispatcher import Dispatcher, is_fallback_to, redirect_hit
from signette.routing.index import Hit
from signette.routing.routelist import RouteList
from signette.types import Scope


class HasFrontends(Dispatcher):
    """A router with front ends."""

    shared: SharedOptions
    sources: tuple[Source, ...]
    frontends: RouteList

    def _inclusions(self) -> Sequence[tuple[Any, SharedOptions]]:
        """The routers that include this one directly, each with the options that it adds."""
        raise NotImplementedError

    def frontend(
        self,
        path: str,
        directory: PathLike,
        *,
        fallback: str | None = "auto",
        check_dir: bool = True,
        dependencies: Sequence[Dependency] | None = None,
    ) -> None:
        """Serve a single-page application from a folder, for paths below `path` that match no route.

        `fallback` handles paths that match no file: `"index.html"` for requests that accept HTML, `"404.html"` with
        status 404, `"auto"` prefers `404.html` if it exists, `None` disables it.

        A request with another method for the path of a file is a 405, if the files have no dependencies.

        Raises:
            RuntimeError: the folder or the fallback file does not exist; with `check_dir=False` at the first request.
            ValueError: the path does not begin with a slash.
        """
        from signette.declarative.routing.frontend import Frontend  # noqa: PLC0415 - few applications have one

        if path != "/" and (not path.startswith("/") or not path.strip("/")):
            raise ValueError(f"path {path!r} of a front end must start with a slash; write '/{path.strip('/')}'")
        endpoint = Frontend(directory, fallback, check_dir=check_dir)
        prefix, outer, shared, _ = self.shared
        options: RouteOptions = {"name": "frontend", "include_in_schema": False}
        if dependencies is not None:
            options["dependencies"] = dependencies
        whole = joined(prefix, path.rstrip("/") + "/{path:path}")
        own = TypedRoute(
            whole, endpoint, dependencies=outer, sources=self.sources, options=merge_options(shared, options)
        )
        self._add_frontend(own)

    def missing(self, path: str, scope: Scope) -> Hit:
        hit = super().missing(path, scope)
        if not self.frontends or not is_fallback_to(hit, self.default):
            return hit
        index = self.frontends.http or self.frontends.index_http()
        found = index.find(path, "GET", scope)
        # The folder without its slash: relative links in a page would resolve against its parent.
        folder = index.find(f"{path}/", "GET", scope) if found is None else None
        if scope["method"] in {"GET", "HEAD"}:
            if found is not None:
                return found
            return redirect_hit(scope, f"{path}/") if folder is not None and self.redirect_slashes else hit
        route, values = found or folder or (None, ())
        # With dependencies, a 405 would show clients without access which files exist.
        if not isinstance(route, TypedRoute) or route.source.dependencies:
            return hit
        from signette.declarative.routing.frontend import OtherMethod  # noqa: PLC0415 - as above

        return OtherMethod(route.endpoint, values[-1], hit[0]), ()

    def _add_frontend(self, route: TypedRoute) -> None:
        self.frontends.append(route)
        self.frontends.sort(key=lambda each: -each.path.count("/"))  # the longest path matches first
        for router, outer in self._inclusions():
            router._include_frontend(route, outer)

    def _include_frontend(self, route: TypedRoute, outer: SharedOptions) -> None:
        self._add_frontend(route.under(*outer))

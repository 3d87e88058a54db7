"""The endpoint of `frontend`: serves the files of a single-page application, and its fallback page."""

import os
import stat

from signette._http.encodings import weight_of
from signette.concurrency import run_in_threadpool
from signette.declarative.binding.runtime import merged
from signette.exceptions import HTTPException
from signette.middleware.vary import add_vary
from signette.paths import sent_route_path
from signette.requests import Request
from signette.responses.plain import Response
from signette.routing.base import Handler
from signette.routing.dispatcher import Fallback
from signette.routing.responses import method_not_allowed
from signette.staticfiles import NOWHERE, PathLike, StaticFiles
from signette.types import Receive, Scope, Send

# Media types of pages. A request that accepts one of them with `q=0` does not want it (RFC 9110 §12.4.2).
_PAGES = ("text/html", "application/xhtml+xml")


class Frontend:
    """An endpoint that responds with a file of the folder, or with the fallback."""

    def __init__(self, directory: PathLike, fallback: str | None, *, check_dir: bool) -> None:
        self._files = _Files(directory, fallback, check_dir=check_dir)

    async def __call__(self, request: Request, path: str, response: Response) -> Response:
        found = await self._files.response_for(path, request.scope)
        response.status_code = 0  # keep that of the file
        return merged(found, response)  # with the headers and cookies of dependencies

    async def has_file(self, path: str, scope: Scope) -> bool:
        """Whether a GET request to this path gets a file, and not the fallback."""
        return await self._files.has_file(path, scope)


class OtherMethod(Fallback):
    """Handles a request with another method than GET and HEAD: a 405 for the path of a file, or as without files."""

    __slots__ = ("_endpoint", "_otherwise", "_path")

    def __init__(self, endpoint: Frontend, path: str, otherwise: Handler) -> None:
        super().__init__(self._respond)
        self._endpoint, self._path, self._otherwise = endpoint, path, otherwise

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        if await self._endpoint.has_file(self._path, scope):
            await method_not_allowed(("GET", "HEAD"), scope, receive, send)
        else:
            await self._otherwise.run(scope, receive, send, ())


class _Files(StaticFiles):
    def __init__(self, directory: PathLike, fallback: str | None, *, check_dir: bool) -> None:
        super().__init__(directory=directory, html=True, check_dir=check_dir)
        self._fallback = fallback
        self._is_checked = check_dir
        if check_dir and fallback not in (None, "auto") and not os.path.isfile(os.path.join(directory, fallback)):  # noqa: PTH118, PTH113 - as the other paths of static files
            raise RuntimeError(f"fallback {fallback!r} does not exist in the folder '{os.fspath(directory)}'")

    async def response_for(self, path: str, scope: Scope) -> Response:
        """The response for a path below the folder."""
        if not self.config_checked:
            await self.check_config()
            self.config_checked = True
        return await self.get_response(self._name_of(path, scope), scope)

    async def has_file(self, path: str, scope: Scope) -> bool:
        """Whether the path is that of a file, or of a folder with an `index.html`."""
        return await run_in_threadpool(self._has_file, self._name_of(path, scope), scope)

    def _name_of(self, path: str, scope: Scope) -> str:
        sent = sent_route_path(scope)
        return os.path.normpath(path if self._may_name_file(f"/{sent[len(sent) - len(path) :]}") else NOWHERE)

    def _has_file(self, path: str, scope: Scope) -> bool:
        try:
            _, found = self._find(path)
            if found is not None and stat.S_ISDIR(found.st_mode):
                _, found = self._find(os.path.join(path, "index.html"))  # noqa: PTH118 - as other paths of static files
            elif scope["path"].endswith("/"):
                return False
        except PermissionError:
            return True
        return found is not None and stat.S_ISREG(found.st_mode)

    def respond_missing(self, scope: Scope) -> Response | None:
        if self._fallback in ("auto", "404.html") and (response := self._page("404.html", scope, 404)) is not None:
            return response
        if self._fallback == "404.html":
            self._reject_missing_fallback()
        if self._fallback in (None, "404.html"):
            return None
        response = None
        if _wants_page(scope):
            response = self._page("index.html" if self._fallback == "auto" else str(self._fallback), scope, 200)
            if response is None and self._fallback != "auto":
                self._reject_missing_fallback()
        if response is None:
            raise HTTPException(404, headers={"vary": "Accept"})
        add_vary(response.raw_headers, b"Accept")  # a cache may store either response (RFC 9111 §4.1)
        return response

    def _reject_missing_fallback(self) -> None:
        """Raise RuntimeError, unless the file has been there: then it was deleted since."""
        if not self._is_checked:
            raise RuntimeError(f"fallback {self._fallback!r} does not exist in the folder '{self.all_directories[0]}'")

    def _page(self, name: str, scope: Scope, status_code: int) -> Response | None:
        full_path, found = self._find(name)
        if found is None or not stat.S_ISREG(found.st_mode):
            return None
        return self._serve(full_path, found, scope, status_code)


def _wants_page(scope: Scope) -> bool:
    """Whether a browser requests a page: it accepts HTML, which requests for scripts and images do not list."""
    accepted = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"accept"]
    items = [[part.strip(" \t") for part in each.split(";")] for value in accepted for each in value.split(",")]
    return any(kind in _PAGES and weight_of(parameters) != 0 for kind, *parameters in items)

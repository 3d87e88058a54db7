"""The endpoint of `frontend`: serves the files of a single-page application, and its fallback page."""

import os
import stat
from typing import Any

from signette.exceptions import HTTPException
from signette.middleware.vary import add_vary
from signette.paths import sent_route_path
from signette.requests import Request
from signette.responses.plain import Response
from signette.staticfiles import NOWHERE, PathLike, StaticFiles
from signette.types import Scope


class Frontend:
    """An endpoint that responds with a file of the folder, or with the fallback."""

    def __init__(self, directory: PathLike, fallback: str | None, *, check_dir: bool) -> None:
        self._files = _Files(directory, fallback, check_dir=check_dir)

    async def __call__(self, request: Request, path: str) -> Response:
        return await self._files.response_for(path, request.scope)


class _Files(StaticFiles):
    def __init__(self, directory: PathLike, fallback: str | None, *, check_dir: bool) -> None:
        super().__init__(directory=directory, html=True, check_dir=check_dir)
        self._fallback = fallback
        if check_dir and fallback not in (None, "auto") and not os.path.isfile(os.path.join(directory, fallback)):  # noqa: PTH118, PTH113 - as the other paths of static files
            raise RuntimeError(f"fallback {fallback!r} does not exist in the folder '{os.fspath(directory)}'")

    async def response_for(self, path: str, scope: Scope) -> Response:
        """The response for a path below the folder."""
        if not self.config_checked:
            await self.check_config()
            self.config_checked = True
        sent = sent_route_path(scope)
        if not self._may_name_file(f"/{sent[len(sent) - len(path) :]}"):
            path = NOWHERE
        return await self.get_response(os.path.normpath(path), scope)  # noqa: ASYNC240 - looks at the text alone

    def respond_missing(self, scope: Scope) -> Response | None:
        if self._fallback in ("auto", "404.html") and (response := self._page("404.html", scope, 404)) is not None:
            return response
        if self._fallback in (None, "404.html"):
            return None
        response = None
        if _wants_page(scope):
            response = self._page("index.html" if self._fallback == "auto" else str(self._fallback), scope, 200)
        if response is None:
            raise HTTPException(404, headers={"vary": "Accept"})
        add_vary(response.raw_headers, b"Accept")  # a cache may store either response (RFC 9111 §4.1)
        return response

    def _page(self, name: str, scope: Scope, status_code: int) -> Response | None:
        full_path, found = self._find(name)
        if found is None or not stat.S_ISREG(found.st_mode):
            return None
        return self._serve(full_path, found, scope, status_code)


def _wants_page(scope: Scope) -> bool:
    """Whether a browser requests a page: it accepts HTML, which requests for scripts and images do not list."""
    accepted: list[Any] = [value for name, value in scope["headers"] if name == b"accept"]
    return any(
        kind.strip().lower() == b"text/html" and rest.strip().lower() != b"q=0"
        for value in accepted
        for kind, _, rest in (each.partition(b";") for each in value.split(b","))
    )

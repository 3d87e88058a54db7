"""Static files: serves the files of a directory.

Theory of operation. A request needs one call of a worker thread, which looks up the path, creates the response, and
reads a small file, so that sending it needs no second call. `FileResponse` reads larger files in more calls.

The real path, with all symbolic links resolved, must be inside the directory. If no segment below the directory is a
link, it is, and the segments above the directory need no check. With `follow_symlink`, the path as written must be
inside the directory. Paths that cannot exist (a loop of links, a name that is too long or invalid) are a 404 like any
missing file.

Each file has exactly one path, so that an earlier route for this path protects the file. A path with an escaped slash,
a backslash, an empty segment, a segment `.` or `..`, or a slash after the file name never matches a file.
"""

import os
import re
import stat
from collections.abc import Callable, Sequence
from typing import Any

from signette._directories import (
    FileCache,
    Found,
    check_directory,
    find_without_links,
    folder_of,
    is_missing,
    real_path,
)
from signette._directories import PathLike as PathLike  # noqa: PLC0414 - re-exported
from signette._http.encodings import prefers_encoding
from signette._http.paths import is_ambiguous
from signette._overrides import overrides
from signette.concurrency import run_in_threadpool
from signette.datastructures.headers import Headers, encode_name, encode_value
from signette.exceptions import HTTPException
from signette.paths import get_route_path, sent_route_path
from signette.responses import selection
from signette.responses.file import FileResponse, guess_media_type
from signette.responses.file_reader import BLOCKS_AT_ONCE, Block, FileReader
from signette.responses.plain import PlainTextResponse, Response
from signette.responses.selection import Selection
from signette.routing.responses import redirect_to
from signette.types import Receive, Scope, Send
from signette.websockets import WebSocketClose

# The suffixes of compressed files with their content codings, best compression first.
_VARIANTS = ((".br", "br"), (".zst", "zstd"), (".gz", "gzip"))

# Matches all paths that need a check of their segments, except those with escaped slashes.
_UNUSUAL = re.compile(r"//|/\.|\\")

# A dotfile, such as `.env` and `.git`. `/.well-known/` is public (RFC 8615).
_DOTFILE = re.compile(r"(?!\A/\.well-known(?:/|\Z))/\.")

# A name that no file has.
NOWHERE = "\0"


class NotModifiedResponse(Response):
    """A 304 with the headers that a client needs if it has the content already (RFC 9110 §15.4.5)."""

    NOT_MODIFIED_HEADERS = ("cache-control", "content-location", "date", "etag", "expires", "vary")

    def __init__(self, headers: Headers) -> None:
        super().__init__(status_code=304)
        kept = [encode_name(name) for name in self.NOT_MODIFIED_HEADERS]
        self.raw_headers = [field for field in headers.raw if field[0].lower() in kept]


class StaticFileResponse(FileResponse):
    """A `FileResponse` that may have read its content already, by `prefetch`."""

    conditional = False  # `StaticFiles.is_not_modified` does it
    content: bytes | None = None

    def prefetch(self, scope: Scope) -> None:
        """Read the file if it is small, and if the server does not send it by its path. Blocks."""
        size = 0 if self.stat_result is None else self.stat_result.st_size
        by_path = "http.response.pathsend" in (scope.get("extensions") or ())
        if scope["method"] == "GET" and not by_path and size <= BLOCKS_AT_ONCE * self.chunk_size:
            with open(self.path, "rb", buffering=0) as file:  # noqa: PTH123 - PERF
                content = file.read(size)
            if len(content) == size:  # otherwise the file has changed, which `FileResponse` handles
                self.content = content

    async def _begin(self, scope: Scope, reader: FileReader) -> tuple[Selection, list[Block]]:
        content = self.content
        if content is None:
            return await super()._begin(scope, reader)
        conditions = [field for field in scope.get("headers", ()) if field[0] in selection.CONDITIONS]
        selected = self._select(conditions if self.status_code == 200 else [])
        body = selected.body
        if not isinstance(body, bytes):
            body = b"".join([head + content[start:stop] for head, start, stop in body.parts]) + body.tail
        return selected, [Block(body, more=False)]


class StaticFiles:
    """An ASGI application that serves the files of a directory, of packages, or of both, the directory first.

    `packages` are names, to serve their folder `statics`, or pairs of name and folder. `html` serves the `index.html`
    of a directory, and `404.html` for missing files. `cache_control` is a header of each file. `precompressed` sends
    `style.css.br` (or `.zst`, `.gz`) instead of `style.css` to clients that accept it; you keep these files up to date.
    `metadata_seconds` caches path, size and time of files in memory: a 304 does not read from disk, and changes of a
    file are noticed that much later. `dotfiles` also serves names that begin with a dot; otherwise they are a 404,
    except in `/.well-known/`.

    `get_path`, `get_response`, `lookup_path`, `file_response` and `is_not_modified` are hooks; the last three are
    called in a worker thread.

    Raises:
        RuntimeError: the directory does not exist; at the first request if `check_dir` is false.
        AssertionError: a package or its folder does not exist.
    """

    reads_path_as_sent = True

    def __init__(
        self,
        *,
        directory: PathLike | None = None,
        packages: list[str | tuple[str, str]] | None = None,
        html: bool = False,
        check_dir: bool = True,
        follow_symlink: bool = False,
        cache_control: str | None = None,
        precompressed: bool = False,
        metadata_seconds: float = 0,
        dotfiles: bool = False,
    ) -> None:
        self.directory = directory
        self.packages = packages
        self.html = html
        self.follow_symlink = follow_symlink
        self.cache_control = cache_control
        self.precompressed = precompressed
        self.dotfiles = dotfiles
        self._cache = FileCache(metadata_seconds) if metadata_seconds > 0 else None
        if cache_control is not None:
            encode_value(cache_control, "cache-control")  # raises for an invalid value before the first request
        self.all_directories = self.get_directories(directory, packages)
        self.config_checked = False
        if check_dir and directory is not None and not os.path.isdir(directory):  # noqa: PTH112 - as below
            raise RuntimeError(f"Directory '{os.fspath(directory)}' does not exist")

    def get_directories(
        self, directory: PathLike | None = None, packages: Sequence[str | tuple[str, str]] | None = None
    ) -> list[PathLike]:
        """The directories to search, in order."""
        directories: list[PathLike] = [] if directory is None else [directory]
        for package in packages or ():
            name, folder = (package, "statics") if isinstance(package, str) else package
            directories.append(folder_of(name, folder))
        return directories

    async def check_config(self) -> None:
        """Raise RuntimeError if the directory does not exist. Called at the first request."""
        if self.directory is not None:
            await run_in_threadpool(check_directory, self.directory)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        if scope["type"] != "http":
            raise AssertionError(f"StaticFiles does not support scopes of type {scope['type']!r}")
        if not self.config_checked:
            await self.check_config()
            self.config_checked = True
        try:
            raw = scope.get("raw_path")
            # PERF: few paths need a check of their segments.
            is_plain = _UNUSUAL.search(scope["path"]) is None and not (raw and raw.find(b"%2") >= 0)
            has_name = is_plain or self._may_name_file(sent_route_path(scope))
            response = await self.get_response(self.get_path(scope) if has_name else NOWHERE, scope)
        except HTTPException as exc:
            if "app" in scope:
                raise
            response = PlainTextResponse(str(exc.detail), exc.status_code, exc.headers)
        await response(scope, receive, send)

    def _may_name_file(self, sent: str) -> bool:
        """Whether a path as sent, with marks for escaped slashes, can be the path of a file."""
        return not is_ambiguous(sent) and (self.dotfiles or _DOTFILE.search(sent) is None)

    def get_path(self, scope: Scope) -> str:
        """The path relative to the directory, with the separators of the system; `.` for the directory itself."""
        return os.path.normpath(get_route_path(scope).lstrip("/"))

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The response for a path.

        Raises:
            HTTPException: 404, the file does not exist; 405, the method is not GET or HEAD; 401, no permission to read
                the file.
        """
        method = scope["method"]
        if method in {"GET", "HEAD"}:
            if self._cache is not None and (unmodified := self._unmodified(path, self._cache, scope)) is not None:
                return unmodified
            return await run_in_threadpool(self._respond, path, scope)
        if method == "OPTIONS":
            return Response(status_code=204, headers={"allow": "GET, HEAD, OPTIONS"})
        raise HTTPException(405, headers={"allow": "GET, HEAD"})

    def _unmodified(self, path: str, cache: FileCache, scope: Scope) -> Response | None:
        """A 304 from cached metadata; None if the metadata is not cached, or a hook needs a worker thread."""
        full_path, found = cache.get(path) or ("", None)
        if found is None or self.precompressed or not stat.S_ISREG(found.st_mode):
            return None
        # PERF: most instances are not of a subclass.
        if type(self) is not StaticFiles and overrides(self, StaticFiles, "file_response", "is_not_modified"):
            return None
        response = self.file_response(full_path, found, scope)
        return response if isinstance(response, NotModifiedResponse) else None

    def _respond(self, path: str, scope: Scope) -> Response:
        try:
            full_path, found = self._find(path)
            if found is not None and stat.S_ISREG(found.st_mode) and not _has_trailing_slash(path, scope):
                return self._serve(full_path, found, scope)
            if self.html:
                if found is not None and stat.S_ISDIR(found.st_mode):
                    full_path, found = self._find(os.path.join(path, "index.html"))  # noqa: PTH118 - PERF
                    if found is not None and stat.S_ISREG(found.st_mode):
                        if scope["path"].endswith("/"):
                            return self._serve(full_path, found, scope)
                        # Relative to the parent directory, so that proxies may rewrite the path.
                        return redirect_to(f"./{scope['path'].rpartition('/')[2]}/", scope)
                response = self.respond_missing(scope)
                if response is not None:
                    return response
        except PermissionError:
            raise HTTPException(401) from None
        except FileNotFoundError:  # deleted since the lookup
            pass
        raise HTTPException(404)

    def respond_missing(self, scope: Scope) -> Response | None:
        """The page for a missing file, with `html`; None for a plain 404. Blocks."""
        full_path, found = self._find("404.html")
        if found is None or not stat.S_ISREG(found.st_mode):
            return None
        return self._serve(full_path, found, scope, 404)

    def _find(self, path: str) -> Found:
        if self._cache is not None and (cached := self._cache.get(path)) is not None:
            return cached
        try:
            found = self.lookup_path(path)
        except (OSError, ValueError) as error:
            if is_missing(error):
                return "", None
            raise
        if self._cache is not None:
            self._cache.keep(path, found)
        return found

    def _serve(self, full_path: str, found: os.stat_result, scope: Scope, status_code: int = 200) -> Response:
        if not os.access(full_path, os.R_OK):
            raise PermissionError if os.access(full_path, os.F_OK) else FileNotFoundError
        response = self.file_response(full_path, found, scope, status_code)
        if isinstance(response, StaticFileResponse):
            response.prefetch(scope)
        return response

    def lookup_path(self, path: str) -> Found:
        """The full path and its stat; `("", None)` if it does not exist or is outside of the directories. Blocks."""
        # Drives and network shares of Windows are never accessed: access would send credentials to another machine.
        if os.path.isabs(path) or os.path.splitdrive(path)[0]:  # noqa: PTH117 - PERF
            return "", None
        resolve: Callable[[PathLike], Any] = os.path.abspath if self.follow_symlink else real_path
        for directory in self.all_directories:
            try:
                if not self.follow_symlink and (found := find_without_links(directory, path)) is not None:
                    return found
                root: str = resolve(directory)
                full_path: str = resolve(os.path.join(directory, path))  # noqa: PTH118 - PERF
                if full_path == root or full_path.startswith(root.rstrip(os.sep) + os.sep):
                    return full_path, os.stat(full_path)  # noqa: PTH116 - PERF
            except (OSError, ValueError) as error:
                if not is_missing(error):
                    raise
        return "", None

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The response that sends the file, or a 304. Blocks with `precompressed`."""
        headers: dict[str, str] = {}
        if self.cache_control is not None and status_code == 200:
            headers["cache-control"] = self.cache_control
        media_type = guess_media_type(full_path)
        suffix = coding = ""
        if self.precompressed:
            headers["vary"] = "Accept-Encoding"
            suffix, coding, stat_result = self._choose_variant(os.fspath(full_path), stat_result, scope)
            if coding:
                headers["content-encoding"] = coding
        response = StaticFileResponse(
            f"{os.fspath(full_path)}{suffix}", status_code, headers, media_type, stat_result=stat_result
        )
        if coding:
            # RFC 9110 §8.8.3.3: each coding needs its own tag, even if sizes and times are equal.
            response.headers["etag"] = f'{response.headers["etag"][:-1]}-{coding}"'
        if status_code == 200 and self.is_not_modified(response.headers, Headers(scope=scope)):
            return NotModifiedResponse(response.headers)
        return response

    def _choose_variant(self, full_path: str, plain: os.stat_result, scope: Scope) -> tuple[str, str, os.stat_result]:
        """Suffix, coding and stat of the compressed file to send. Suffix and coding are empty for the file itself."""
        accepted = ", ".join(Headers(scope=scope).getlist("accept-encoding"))
        read_stat = os.stat if self.follow_symlink else os.lstat
        for suffix, coding in _VARIANTS if accepted else ():
            if prefers_encoding(accepted, coding):
                try:
                    # In the directory of a file that may be served, so only a link could leave it.
                    found = read_stat(full_path + suffix)
                except (OSError, ValueError):
                    continue
                if stat.S_ISREG(found.st_mode) and os.access(full_path + suffix, os.R_OK):
                    return suffix, coding, found
        return "", "", plain

    def is_not_modified(self, response_headers: Headers, request_headers: Headers) -> bool:
        """Whether the client has the current content already (RFC 9110 §13.1.2, §13.1.3)."""
        return FileResponse.is_not_modified(response_headers, request_headers)


def _has_trailing_slash(path: str, scope: Scope) -> bool:
    """Whether the request path is the path of this file with a trailing slash."""
    request_path: str = scope["path"]
    return request_path.endswith("/") and request_path.rstrip("/").endswith(f"/{path.replace(os.sep, '/')}")

"""Files of a directory, served below a path.

Theory of operation. A request takes one visit to a worker thread. There the path is looked up, the answer is made, and
a small file is read too, so that sending it needs no second visit; a larger one is read on by `FileResponse`.

What may be served is decided by the real path, with all links followed: it must lie in the directory. Where there is
no link on the way down from the directory, it does, and nothing above the directory needs to be asked for. With
`follow_symlink` links are the owner's own wish, and the path as it is written must lie there. What the system cannot
find by a path (a loop of links, a name that is too long, or that no file can have) is a 404 like any missing file.

A file has one path, so that a route before it that fits this path guards it. No file is found by a path with an escaped
slash, a back slash, an empty segment, a segment `.` or `..`, or with a slash behind the file's name.
"""

import os
import re
import stat
from collections.abc import Callable, Sequence
from typing import Any

from signette._directories import Found, KnownFiles, check_directory, find_without_links, folder_of, is_missing
from signette._directories import PathLike as PathLike  # noqa: PLC0414 - handed on
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
from signette.responses.selection import Answer
from signette.routing.answers import redirect_to
from signette.types import Receive, Scope, Send
from signette.websockets import WebSocketClose

# Endings of files that hold the same content compressed, the smaller ones first, and what HTTP calls them.
_VARIANTS = ((".br", "br"), (".zst", "zstd"), (".gz", "gzip"))

# What a path must have, escaped slashes aside, if it is none of a file.
_ODD = re.compile(r"//|/\.|\\")

# A name with a dot in front, as `.env` and `.git` have one. `/.well-known/` is for all (RFC 8615).
_DOTFILE = re.compile(r"(?!\A/\.well-known(?:/|\Z))/\.")

# A name that no file has.
NOWHERE = "\0"


class NotModifiedResponse(Response):
    """A 304 with those of the headers that are of use to who has the content already (RFC 9110 §15.4.5)."""

    NOT_MODIFIED_HEADERS = ("cache-control", "content-location", "date", "etag", "expires", "vary")

    def __init__(self, headers: Headers) -> None:
        super().__init__(status_code=304)
        kept = [encode_name(name) for name in self.NOT_MODIFIED_HEADERS]
        self.raw_headers = [field for field in headers.raw if field[0].lower() in kept]


class StaticFileResponse(FileResponse):
    """A `FileResponse` that may hold its content already, as `prefetch` has read it."""

    conditional = False  # `StaticFiles.is_not_modified` has decided
    content: bytes | None = None

    def prefetch(self, scope: Scope) -> None:
        """Read the file, if it is small and its bytes will be sent from here. Blocks."""
        size = 0 if self.stat_result is None else self.stat_result.st_size
        by_path = "http.response.pathsend" in (scope.get("extensions") or ())
        if scope["method"] == "GET" and not by_path and size <= BLOCKS_AT_ONCE * self.chunk_size:
            with open(self.path, "rb", buffering=0) as file:  # noqa: PTH123 - PERF
                content = file.read(size)
            if len(content) == size:  # or `FileResponse` may find out what became of it
                self.content = content

    async def _begin(self, scope: Scope, reader: FileReader) -> tuple[Answer, list[Block]]:
        content = self.content
        if content is None:
            return await super()._begin(scope, reader)
        wanted = [field for field in scope.get("headers", ()) if field[0] in selection.SELECTING]
        answer = self._select(wanted if self.status_code == 200 else [])
        body = answer.body
        if not isinstance(body, bytes):
            body = b"".join([head + content[start:stop] for head, start, stop in body.parts]) + body.tail
        return answer, [Block(body, more=False)]


class StaticFiles:
    """An ASGI application that serves the files of a directory, or of packages, or of both in that order.

    `packages` are names (whose `statics` folder is served) or pairs of name and folder. `html` serves the `index.html`
    of a folder, and `404.html` where there is nothing. `cache_control` is sent with each file. `precompressed` sends
    `style.css.br` (or `.zst`, `.gz`) in place of `style.css` to clients that take it; keeping these up to date is
    yours. For `metadata_seconds` place, size and time of a file are taken from memory: a 304 needs no look at the disk,
    and a file that changes meanwhile is seen that much later. `dotfiles` serves names with a dot in front, too; without
    it they are not found, but for those in `/.well-known/`.

    `get_path`, `get_response`, `lookup_path`, `file_response` and `is_not_modified` are hooks; the last three are
    called in a worker thread.

    Raises:
        RuntimeError: there is no such directory; at the first request if `check_dir` is false.
        AssertionError: a package, or its folder, is not there.
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
        self._known = KnownFiles(metadata_seconds) if metadata_seconds > 0 else None
        if cache_control is not None:
            encode_value(cache_control, "cache-control")  # a mistake in it is told now, not to the first client
        self.all_directories = self.get_directories(directory, packages)
        self.config_checked = False
        if check_dir and directory is not None and not os.path.isdir(directory):  # noqa: PTH112 - as below
            raise RuntimeError(f"Directory '{os.fspath(directory)}' does not exist")

    def get_directories(
        self, directory: PathLike | None = None, packages: Sequence[str | tuple[str, str]] | None = None
    ) -> list[PathLike]:
        """The directories that are looked through, in order."""
        found: list[PathLike] = [] if directory is None else [directory]
        for package in packages or ():
            name, folder = (package, "statics") if isinstance(package, str) else package
            found.append(folder_of(name, folder))
        return found

    async def check_config(self) -> None:
        """Raises RuntimeError: the directory is not there. Called before the first request is answered."""
        if self.directory is not None:
            await run_in_threadpool(check_directory, self.directory)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        if scope["type"] != "http":
            raise AssertionError(f"StaticFiles answers HTTP, not a scope of type {scope['type']!r}")
        if not self.config_checked:
            await self.check_config()
            self.config_checked = True
        try:
            raw = scope.get("raw_path")
            # PERF: few paths need a closer look.
            is_plain = _ODD.search(scope["path"]) is None and not (raw and b"%2" in raw)
            has_name = is_plain or self._may_name_file(sent_route_path(scope))
            response = await self.get_response(self.get_path(scope) if has_name else NOWHERE, scope)
        except HTTPException as exc:
            if "app" in scope:
                raise
            response = PlainTextResponse(str(exc.detail), exc.status_code, exc.headers)
        await response(scope, receive, send)

    def _may_name_file(self, sent: str) -> bool:
        """Whether a path as it was sent, with its escaped slashes as marks, can be that of a file."""
        return not is_ambiguous(sent) and (self.dotfiles or _DOTFILE.search(sent) is None)

    def get_path(self, scope: Scope) -> str:
        """The path below the directory, with the system's separators; `.` is the directory itself."""
        return os.path.normpath(get_route_path(scope).lstrip("/"))

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The answer for a path.

        Raises:
            HTTPException: 404 there is no such file, 405 the method is not GET or HEAD, 401 the system does not let us
            read it.
        """
        method = scope["method"]
        if method in {"GET", "HEAD"}:
            if self._known is not None and (unmodified := self._unmodified(path, self._known, scope)) is not None:
                return unmodified
            return await run_in_threadpool(self._respond, path, scope)
        if method == "OPTIONS":
            return Response(status_code=204, headers={"allow": "GET, HEAD, OPTIONS"})
        raise HTTPException(405, headers={"allow": "GET, HEAD"})

    def _unmodified(self, path: str, known: KnownFiles, scope: Scope) -> Response | None:
        """A 304 from memory alone. Not where a hook wants its thread, or compressed files are to be looked for."""
        full_path, found = known.get(path) or ("", None)
        if found is None or self.precompressed or not stat.S_ISREG(found.st_mode):
            return None
        # PERF: most are no subclass.
        if type(self) is not StaticFiles and overrides(self, StaticFiles, "file_response", "is_not_modified"):
            return None
        response = self.file_response(full_path, found, scope)
        return response if isinstance(response, NotModifiedResponse) else None

    def _respond(self, path: str, scope: Scope) -> Response:
        try:
            full_path, found = self._find(path)
            if found is not None and stat.S_ISREG(found.st_mode) and not _has_slash_behind(path, scope):
                return self._serve(full_path, found, scope)
            if self.html:
                if found is not None and stat.S_ISDIR(found.st_mode):
                    full_path, found = self._find(os.path.join(path, "index.html"))  # noqa: PTH118 - PERF
                    if found is not None and stat.S_ISREG(found.st_mode):
                        if scope["path"].endswith("/"):
                            return self._serve(full_path, found, scope)
                        # Relative to the folder around it: right behind any proxy, whatever it cuts off.
                        return redirect_to(f"./{scope['path'].rpartition('/')[2]}/", scope)
                response = self.respond_missing(scope)
                if response is not None:
                    return response
        except PermissionError:
            raise HTTPException(401) from None
        except FileNotFoundError:  # it was there a moment ago
            pass
        raise HTTPException(404)

    def respond_missing(self, scope: Scope) -> Response | None:
        """The page where there is no file, with `html`; None for a bare 404. Blocks."""
        full_path, found = self._find("404.html")
        if found is None or not stat.S_ISREG(found.st_mode):
            return None
        return self._serve(full_path, found, scope, 404)

    def _find(self, path: str) -> Found:
        if self._known is not None and (known := self._known.get(path)) is not None:
            return known
        try:
            found = self.lookup_path(path)
        except (OSError, ValueError) as error:
            if is_missing(error):
                return "", None
            raise
        if self._known is not None:
            self._known.keep(path, found)
        return found

    def _serve(self, full_path: str, found: os.stat_result, scope: Scope, status_code: int = 200) -> Response:
        if not os.access(full_path, os.R_OK):
            raise PermissionError if os.access(full_path, os.F_OK) else FileNotFoundError
        response = self.file_response(full_path, found, scope, status_code)
        if isinstance(response, StaticFileResponse):
            response.prefetch(scope)
        return response

    def lookup_path(self, path: str) -> Found:
        """The whole path and what the system knows of it; `("", None)` where it is not there, or outside. Blocks."""
        # A drive or a share of Windows is not even asked for: asking tells the other machine who we are.
        if os.path.isabs(path) or os.path.splitdrive(path)[0]:  # noqa: PTH117 - PERF
            return "", None
        resolve: Callable[[PathLike], Any] = os.path.abspath if self.follow_symlink else os.path.realpath
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
        """The answer that sends the file, or a 304. With `precompressed` it blocks."""
        headers: dict[str, str] = {}
        if self.cache_control is not None and status_code == 200:
            headers["cache-control"] = self.cache_control
        media_type = guess_media_type(full_path)
        ending = coding = ""
        if self.precompressed:
            headers["vary"] = "Accept-Encoding"
            ending, coding, stat_result = self._choose_variant(os.fspath(full_path), stat_result, scope)
            if coding:
                headers["content-encoding"] = coding
        response = StaticFileResponse(
            f"{os.fspath(full_path)}{ending}", status_code, headers, media_type, stat_result=stat_result
        )
        if coding:
            # RFC 9110 §8.8.3.3: each coding has a tag of its own, even where sizes and times agree.
            response.headers["etag"] = f'{response.headers["etag"][:-1]}-{coding}"'
        if status_code == 200 and self.is_not_modified(response.headers, Headers(scope=scope)):
            return NotModifiedResponse(response.headers)
        return response

    def _choose_variant(self, full_path: str, plain: os.stat_result, scope: Scope) -> tuple[str, str, os.stat_result]:
        """The ending and coding of the compressed file to send, both empty for the file itself, and its stat."""
        accepted = ", ".join(Headers(scope=scope).getlist("accept-encoding"))
        look = os.stat if self.follow_symlink else os.lstat
        for ending, coding in _VARIANTS if accepted else ():
            if prefers_encoding(accepted, coding):
                try:
                    # Beside a file that may be served, so only a link could lead elsewhere.
                    found = look(full_path + ending)
                except (OSError, ValueError):
                    continue
                if stat.S_ISREG(found.st_mode) and os.access(full_path + ending, os.R_OK):
                    return ending, coding, found
        return "", "", plain

    def is_not_modified(self, response_headers: Headers, request_headers: Headers) -> bool:
        """Whether the client has already what the response would send (RFC 9110 §13.1.2, §13.1.3)."""
        return FileResponse.is_not_modified(response_headers, request_headers)


def _has_slash_behind(path: str, scope: Scope) -> bool:
    """Whether the request names this file, and has a slash behind its name: as if it were a folder."""
    asked: str = scope["path"]
    return asked.endswith("/") and asked.rstrip("/").endswith(f"/{path.replace(os.sep, '/')}")

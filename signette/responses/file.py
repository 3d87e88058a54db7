"""File responses: the whole file, ranges of it, or a 304.

The first call of a worker thread does all blocking work before the response starts: it reads the file's metadata,
selects the response (`selection.py`), opens the file and reads its first blocks (`file_reader.py`). A small file needs
no second call.
"""

import copy
import mimetypes
import os
from collections.abc import Iterable, Mapping

from signette._http.conditional import format_http_date
from signette._http.media import content_disposition
from signette._scope_keys import CHECKED
from signette.background import BackgroundTask, run_after
from signette.body import discard_body
from signette.concurrency import run_alongside, run_in_threadpool
from signette.datastructures.headers import Headers
from signette.exceptions import HTTPException
from signette.responses import selection
from signette.responses.file_reader import Block, FilePath, FileReader, stat_file
from signette.responses.multirange import ByteRanges
from signette.responses.plain import Response
from signette.responses.selection import Selection
from signette.responses.streaming import (
    raising_client_disconnect,
    send_raises_on_disconnect,
    until_disconnect,
)
from signette.responses.wire import BODILESS, RawHeaders, as_denial
from signette.types import Receive, Scope, Send

if not mimetypes.inited:  # another `init` would remove types added by `mimetypes.add_type`
    mimetypes.init()  # reads files, which must not happen on the event loop


class FileResponse(Response):
    """Sends a file. Supports range requests, and responds with 304 if the client has the file.

    Ranges and 304 apply to GET and HEAD with status 200 only. Set `conditional = False`, on a subclass or an instance,
    to never respond with 304. Reads size and time of the file for each request unless `stat_result` is given. `method`
    overrides the method of the request.

    Sending raises:
        RuntimeError: the file does not exist, or is shorter than its Content-Length.

    Args:
        content_disposition_type: `attachment` saves the file, `inline` displays it.

    Attributes:
        path: The file. If it does not exist, sending raises RuntimeError.
        filename: The name for browsers, in `Content-Disposition` (RFC 6266). Without it, this header is not sent.
        stat_result: Size and time, if you have them. Otherwise they are read for each request.
        method: Replaces the method of the request.
        conditional: False: never respond with 304.
        max_ranges: A request for more ranges, by default 100, gets the whole file.
        chunk_size: The size of a chunk, by default 64 KiB.
    """

    chunk_size = 64 * 1024
    max_ranges = 100
    conditional = True

    def __init__(
        self,
        path: FilePath,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
        filename: str | None = None,
        stat_result: os.stat_result | None = None,
        method: str | None = None,
        content_disposition_type: str = "attachment",
    ) -> None:
        self.path = path
        self.status_code = status_code
        self.filename = filename
        self.method = method
        self.media_type = media_type or self.media_type or guess_media_type(filename or path)
        self.background = background
        self.stat_result = stat_result
        self.init_headers(headers)
        self.headers.setdefault("accept-ranges", "bytes")
        if filename is not None:
            self.headers.setdefault("content-disposition", content_disposition(content_disposition_type, filename))
        if stat_result is not None:
            self.set_stat_headers(stat_result)

    def set_stat_headers(self, stat_result: os.stat_result) -> None:
        """Set content-length, and last-modified and etag unless they are set."""
        modified, size = stat_result.st_mtime, stat_result.st_size
        headers = self.headers
        headers["content-length"] = str(size)
        headers.setdefault("last-modified", format_http_date(modified))
        headers.setdefault("etag", f'"{int(modified * 1_000_000):x}-{size:x}"')

    @staticmethod
    def is_not_modified(response_headers: Headers, request_headers: Headers) -> bool:
        """Whether the client has the current content already (RFC 9110 §13.1.2, §13.1.3)."""
        return selection.is_not_modified(response_headers, request_headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        listens = False
        if scope["type"] == "websocket":
            send = as_denial(send)
        elif send_raises_on_disconnect(scope):
            send = raising_client_disconnect(send)
        else:
            listens = True
        reader = FileReader()
        try:
            selected, blocks = await self._begin(scope, reader)
            if selected.status in (400, 416) and getattr(scope.get("app"), "errors", None) is not None:
                raise _error_of(selected)  # which has the format of the application's errors
            await send({"type": "http.response.start", "status": selected.status, "headers": selected.headers})
            if selected.path is not None:
                await send({"type": "http.response.pathsend", "path": selected.path})
            elif listens and blocks[-1].more:
                listening = discard_body(scope, receive)
                await run_alongside(lambda: _send_blocks(send, blocks, reader), lambda: until_disconnect(listening))
            else:
                await _send_blocks(send, blocks, reader)
        finally:
            reader.release_soon(reader.close)
        if self.background is not None:
            await run_after(self.background, scope)

    async def _begin(self, scope: Scope, reader: FileReader) -> tuple[Selection, list[Block]]:
        """Select the response and read its first blocks; no blocks if the server reads the file."""
        method = (self.method or scope.get("method", "GET")).upper()
        is_http = scope["type"] != "websocket"
        conditions: RawHeaders = []
        if is_http and self.status_code == 200 and method in {"GET", "HEAD"}:
            conditions = [field for field in scope.get("headers", ()) if field[0] in selection.CONDITIONS]
        by_path = is_http and "http.response.pathsend" in (scope.get("extensions") or ())
        sends_body = method != "HEAD" and self.status_code not in BODILESS

        def begin() -> tuple[Selection, list[Block]]:
            selected = self._select(conditions, scope.get(CHECKED, ()))
            if not sends_body:
                return selected, [Block(b"", more=False)]
            if isinstance(selected.body, bytes):
                return selected, [Block(selected.body, more=False)]
            if by_path and selected.is_whole:
                return selected._replace(path=absolute(self.path)), []
            return selected, reader.open(self.path, selected.body, self.chunk_size)

        needs_cwd = not os.path.isabs(self.path)  # noqa: PTH117 - PERF
        if self.stat_result is not None and (not sends_body or (by_path and not (conditions or needs_cwd))):
            return begin()  # PERF: does not block here
        begun = await run_in_threadpool(reader.use, begin)
        assert begun is not None  # None only in a cancelled task
        return begun

    def _select(self, conditions: RawHeaders, validators: Iterable[tuple[bytes, bytes]] = ()) -> Selection:
        """Select the response. `validators` are used before those of the file. Blocks unless `stat_result` is given."""
        response = self
        stat_result = self.stat_result
        if stat_result is None:
            # Sets the headers of a copy, as the file may change before the response is sent again.
            stat_result = stat_file(self.path)
            response = copy.copy(self)
            response._fields = [*self._fields]
            for name, value in validators:
                response.headers.setdefault(name.decode(), value.decode("latin-1"))
            response.set_stat_headers(stat_result)
        headers, size = response.headers, stat_result.st_size
        whole = Selection(self.status_code, [*response._fields], ByteRanges.whole(size), is_whole=True)
        if self.status_code in BODILESS:
            return whole._replace(headers=response._bodiless_headers())
        if not conditions:
            return whole
        request = Headers(raw=conditions)
        if self.conditional and self.is_not_modified(headers, request):
            return selection.not_modified(response.raw_headers)
        return selection.select_ranges(whole, headers, request, size, self.max_ranges)


def _error_of(selected: Selection) -> HTTPException:
    """The error of a `Range` that cannot be sent."""
    text = selected.body.decode() if isinstance(selected.body, bytes) else ""
    fields = {name.decode(): value.decode() for name, value in selected.headers if name == b"content-range"}
    return HTTPException(selected.status, text or "no requested range is in the file", fields or None)


async def _send_blocks(send: Send, blocks: list[Block], reader: FileReader) -> None:
    while True:
        for data, more in blocks:
            await send({"type": "http.response.body", "body": data, "more_body": more})
        if not blocks[-1].more:
            return
        next_blocks = await run_in_threadpool(reader.use, reader.read_next)
        assert next_blocks is not None  # as above
        blocks = next_blocks


def absolute(path: FilePath) -> str:
    """The absolute path, without resolving links and `..`. Blocks if the path is relative."""
    return os.fspath(path) if os.path.isabs(path) else os.path.join(os.getcwd(), path)  # noqa: PTH109, PTH117, PTH118


def guess_media_type(path: FilePath) -> str:
    """The media type by the suffix of the file name."""
    # With `./`, a name such as `data:text/html,x` is not parsed as a URL.
    name = f"./{os.path.basename(path)}"  # noqa: PTH119 - PERF
    return mimetypes.guess_type(name)[0] or "application/octet-stream"

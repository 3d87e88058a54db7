"""A response that sends a file: whole, in ranges, or not at all because the client has it already.

The first hop to a worker thread does all that blocks before anything is sent: it looks at the file, decides
what to answer (`selection.py`), opens the file and reads its first blocks (`reading.py`). A small file
takes no second hop.
"""

import copy
import mimetypes
import os
from collections.abc import Mapping

from signette._http.conditional import format_http_date
from signette._http.media import content_disposition
from signette.background import BackgroundTask
from signette.body import discard_body
from signette.concurrency import run_beside, run_in_threadpool
from signette.datastructures.headers import Headers
from signette.responses import selection
from signette.responses.file_reader import Block, FilePath, FileReader, stat_file
from signette.responses.multirange import ByteRanges
from signette.responses.plain import Response
from signette.responses.selection import Answer
from signette.responses.streaming import (
    raising_client_disconnect,
    send_tells_of_disconnect,
    until_disconnect,
)
from signette.responses.wire import BODILESS, RawHeaders, as_denial
from signette.types import Receive, Scope, Send

if not mimetypes.inited:  # a second `init` would forget what `mimetypes.add_type` has added
    mimetypes.init()  # it reads files, and would do so on the event loop at the first response


class FileResponse(Response):
    """A file, with what lets clients resume its transfer or skip it: ranges, and 304 where they have it.

    Only a GET or HEAD with status 200 is answered with less than the whole. Set `conditional = False`, on a
    subclass or an instance, to send the file even to those who have it. Its size and time are looked up for
    each request unless `stat_result` is given; `method` stands in for the request's own.

    Sending raises:
        RuntimeError: there is no file at `path`, or it ended before the length that was announced.
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
        """Write content-length, and last-modified and etag unless they are set, from the size and time."""
        modified, size = stat_result.st_mtime, stat_result.st_size
        headers = self.headers
        headers["content-length"] = str(size)
        headers.setdefault("last-modified", format_http_date(modified))
        headers.setdefault("etag", f'"{int(modified * 1_000_000):x}-{size:x}"')

    @staticmethod
    def is_not_modified(response_headers: Headers, request_headers: Headers) -> bool:
        """Whether the client has already what the response would send (RFC 9110 §13.1.2, §13.1.3)."""
        return selection.is_not_modified(response_headers, request_headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        listens = False
        if scope["type"] == "websocket":
            send = as_denial(send)
        elif send_tells_of_disconnect(scope):
            send = raising_client_disconnect(send)
        else:
            listens = True
        reader = FileReader()
        try:
            answer, blocks = await self._begin(scope, reader)
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            if answer.path is not None:
                await send({"type": "http.response.pathsend", "path": answer.path})
            elif listens and blocks[-1].more:
                listening = discard_body(scope, receive)
                await run_beside(lambda: _send_blocks(send, blocks, reader), lambda: until_disconnect(listening))
            else:
                await _send_blocks(send, blocks, reader)
        finally:
            reader.leave_soon(reader.close)
        if self.background is not None:
            await self.background()

    async def _begin(self, scope: Scope, reader: FileReader) -> tuple[Answer, list[Block]]:
        """What to answer, and its first blocks; no blocks where the server shall read the file."""
        method = (self.method or scope.get("method", "GET")).upper()
        is_http = scope["type"] != "websocket"
        wanted: RawHeaders = []
        if is_http and self.status_code == 200 and method in {"GET", "HEAD"}:
            wanted = [field for field in scope.get("headers", ()) if field[0] in selection.SELECTING]
        by_path = is_http and "http.response.pathsend" in (scope.get("extensions") or ())
        sends_body = method != "HEAD" and self.status_code not in BODILESS

        def begin() -> tuple[Answer, list[Block]]:
            answer = self._select(wanted)
            if not sends_body:
                return answer, [Block(b"", more=False)]
            if isinstance(answer.body, bytes):
                return answer, [Block(answer.body, more=False)]
            if by_path and answer.is_whole:
                return answer._replace(path=absolute(self.path)), []
            return answer, reader.open(self.path, answer.body, self.chunk_size)

        asks_for_cwd = not os.path.isabs(self.path)  # noqa: PTH117 - PERF
        if self.stat_result is not None and (not sends_body or (by_path and not (wanted or asks_for_cwd))):
            return begin()  # PERF: nothing in it blocks
        begun = await run_in_threadpool(reader.use, begin)
        assert begun is not None  # only a task that is cancelled leaves it to the thread
        return begun

    def _select(self, wanted: RawHeaders) -> Answer:
        """What to answer. Blocks unless `stat_result` was given."""
        described = self
        known = self.stat_result
        if known is None:
            # The headers of this answer, not of the instance: when it is sent again, the file may be another.
            known = stat_file(self.path)
            described = copy.copy(self)
            described.raw_headers = self.raw_headers.copy()
            described.set_stat_headers(known)
        headers = described.headers
        whole = Answer(self.status_code, described.raw_headers.copy(), ByteRanges.whole(known.st_size), is_whole=True)
        if self.status_code in BODILESS:
            return whole._replace(headers=described._bodiless_headers())
        if not wanted:
            return whole
        request = Headers(raw=wanted)
        if self.conditional and self.is_not_modified(headers, request):
            return selection.not_modified(described.raw_headers)
        return selection.select_ranges(whole, headers, request, known.st_size, self.max_ranges)


async def _send_blocks(send: Send, blocks: list[Block], reader: FileReader) -> None:
    while True:
        for data, more in blocks:
            await send({"type": "http.response.body", "body": data, "more_body": more})
        if not blocks[-1].more:
            return
        following = await run_in_threadpool(reader.use, reader.read_on)
        assert following is not None  # as above
        blocks = following


def absolute(path: FilePath) -> str:
    """The path from the root on, with its links and `..` as they are. Asks the system if it is relative."""
    return os.fspath(path) if os.path.isabs(path) else os.path.join(os.getcwd(), path)  # noqa: PTH109, PTH117, PTH118


def guess_media_type(path: FilePath) -> str:
    """The media type that the end of the name stands for."""
    # `./` so that a name like `data:text/html,x` is not taken for a URL, which brings its type along.
    name = f"./{os.path.basename(path)}"  # noqa: PTH119 - PERF: no Path for one name
    return mimetypes.guess_type(name)[0] or "application/octet-stream"

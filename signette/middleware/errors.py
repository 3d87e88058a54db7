"""The outermost middleware: an unhandled exception becomes a 500 and is raised again for the server."""

import html
import linecache
import traceback
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

from signette._scope_keys import ERRORS, REQUEST
from signette._tracking import ResponseTracker
from signette.body import StreamConsumedError
from signette.concurrency import call_in_worker, is_async_callable
from signette.exceptions import ClientDisconnect, LimitExceeded
from signette.middleware.failed_request import failed_request, forget_request
from signette.middleware.handlers import (
    default_response,
    is_disconnect,
    log_disconnect,
    log_limit_exceeded,
)
from signette.requests import Request
from signette.responses.plain import HTMLResponse, PlainTextResponse, Response
from signette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

_STYLE = """
body { font-family: sans-serif; margin: 2em; color: #222; }
h1 { color: #a00; font-size: 1.3em; overflow-wrap: anywhere; white-space: pre-wrap; }
details { border: 1px solid #ccc; margin: .4em 0; padding: .3em .6em; }
summary { cursor: pointer; font-family: monospace; overflow-wrap: anywhere; }
pre { background: #f6f6f6; overflow-x: auto; padding: .5em; }
mark { background: #fdd; display: block; }
"""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Signette Debugger</title><style>{style}</style></head>
<body>
<p>500 Server Error</p>
<h1>{error}</h1>
<h2>Traceback</h2>
{frames}
</body>
</html>
"""

_FRAME = """<details{opened}>
<summary>File <b>{file}</b>, line <i>{number}</i>, in <b>{function}</b></summary>
<pre>{lines}</pre>
</details>
"""

_LINES_AROUND = 7
# A traceback of runaway recursion has a thousand frames, and an exception's text may be the body of a request.
_MOST_FRAMES = 100
_MOST_CHARACTERS = 20_000


class ServerErrorMiddleware:
    """Responds with 500 if the application raises, then raises the exception again for the server and its logs.

    `handler` makes the response; the default is plain text with the phrase of the status, or with `debug` the
    traceback. A response that has started is left as it is.
    """

    def __init__(self, app: ASGIApp, handler: ExceptionHandler | None = None, debug: bool = False) -> None:
        self.app = app
        self.handler = handler
        self.debug = debug

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            try:
                await self.app(scope, receive, send)
            except Exception as exc:
                if not is_disconnect(exc):
                    raise
                log_disconnect(scope)
            return
        tracker = scope[ERRORS] = ResponseTracker(send)
        try:
            await self.app(scope, receive, tracker.send)
        except Exception as exc:  # noqa: BLE001 - raised below, unless the client has left
            try:
                if not is_disconnect(exc):
                    await self.send_error_response(exc, scope, receive, tracker)
                    raise
                log_disconnect(scope)  # seen by a middleware of the application
            finally:
                forget_request(scope)

    async def send_error_response(
        self, exc: Exception, scope: Scope, receive: Receive, tracker: ResponseTracker
    ) -> None:
        """Send the 500, if nothing was sent yet. The handler is called in any case, as it may report the error."""
        if tracker.started and (self.debug or self.handler is None):
            return
        if tracker.request is not None:  # middleware has passed a copy of the scope on
            scope.setdefault(REQUEST, tracker.request)
        request = failed_request(scope, receive, tracker.send, is_late=tracker.started)
        response: ASGIApp
        try:
            response = await self._response(request, exc)
        except LimitExceeded as exceeded:  # the handler has read a body that is too large
            log_limit_exceeded(exceeded, scope)
            response = default_response(exceeded, scope)
        except StreamConsumedError as second:
            exc.add_note(f"The exception handler of this error has failed: {second}")
            response = default_response(exc, scope)
        if tracker.started:
            return
        with suppress(ClientDisconnect):  # the server gets the cause of the 500
            if tracker.relay is not None and tracker.unhandled is exc:
                # Through the `send` of each middleware, as any response, so that it gets CORS fields and a request id.
                # Their calls have ended by now; one that cannot send any more does not keep the client from its 500.
                try:
                    await response(scope, receive, tracker.relay)
                except Exception:
                    if tracker.started:
                        raise
            if not tracker.started:
                await response(scope, receive, tracker.send)

    async def _response(self, request: Request, exc: Exception) -> ASGIApp:
        if self.debug:
            return self.debug_response(request, exc)
        handler: Any = self.handler
        if handler is None:
            return self.error_response(request, exc)
        response: ASGIApp
        if is_async_callable(handler):
            response = await handler(request, exc)
        else:
            response = await call_in_worker(request.scope, handler, request, exc)
        return response

    def error_response(self, request: Request, exc: Exception) -> Response:  # noqa: ARG002 - a hook's shape
        """The response without `debug` and without a handler."""
        return PlainTextResponse("Internal Server Error", status_code=500)

    def debug_response(self, request: Request, exc: Exception) -> Response:
        """The traceback: a page for who accepts HTML, else plain text."""
        wants_page = any(name == b"accept" and b"text/html" in value for name, value in request.get("headers", ()))
        if wants_page:
            return HTMLResponse(_printable(self.generate_html(exc)), status_code=500)
        return PlainTextResponse(_printable(self.generate_plain_text(exc)), status_code=500)

    def generate_plain_text(self, exc: Exception) -> str:
        """The traceback as Python prints it."""
        # `format_exception` shows what it can of an exception whose own `__str__` fails.
        return _shorten("".join(traceback.format_exception(exc, limit=-_MOST_FRAMES)))

    def generate_html(self, exc: Exception, limit: int = _LINES_AROUND) -> str:
        """The page: the exception, and its frames from the innermost on with `limit` lines of source each."""
        frames = []
        tb = exc.__traceback__
        while tb is not None:
            frames.append(tb)
            tb = tb.tb_next
        shown = "".join(
            self.generate_frame_html(one, limit, opened=place == 0)
            for place, one in enumerate(reversed(frames[-_MOST_FRAMES:]))
        )
        return _PAGE.format(style=_STYLE, error=html.escape(_shorten(_describe(exc))), frames=shown)

    def generate_frame_html(self, tb: TracebackType, limit: int, *, opened: bool) -> str:
        """One frame with the source around its line."""
        frame: FrameType = tb.tb_frame
        file, number = frame.f_code.co_filename, tb.tb_lineno
        source = linecache.getlines(file, frame.f_globals)
        first = max(number - limit // 2, 1)
        lines = enumerate(source[first - 1 : first - 1 + limit], first)
        return _FRAME.format(
            opened=" open" if opened else "",
            file=html.escape(file),
            number=number,
            function=html.escape(frame.f_code.co_qualname),
            lines="".join(self.format_line(at, line, current=at == number) for at, line in lines),
        )

    def format_line(self, number: int, line: str, *, current: bool) -> str:
        """One line of source."""
        text = f"{number:>5}  {html.escape(line.rstrip())}"
        return f"<mark>{text}</mark>" if current else f"{text}\n"


def _describe(exc: Exception) -> str:
    """Class and text of an exception, as the last lines of its traceback."""
    return "".join(traceback.format_exception_only(exc)).rstrip()


def _shorten(text: str) -> str:
    """A text that is not too long; of one that is, its beginning and its end."""
    half = _MOST_CHARACTERS // 2
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:half]}\n[...]\n{text[-half:]}"


def _printable(text: str) -> str:
    """The text as UTF-8 can carry it: lone surrogates are written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()

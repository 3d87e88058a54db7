"""Responses: text, HTML, JSON, redirects, files, streams and server-sent events."""

from signette.responses.events import EventSourceResponse, ServerSentEvent
from signette.responses.file import FileResponse
from signette.responses.plain import (
    HTMLResponse,
    JSONResponse,
    ORJSONResponse,
    PlainTextResponse,
    Response,
    UJSONResponse,
)
from signette.responses.redirect import RedirectResponse
from signette.responses.streaming import (
    AsyncContentStream,
    Content,
    ContentStream,
    StreamingResponse,
    SyncContentStream,
)

__all__ = [
    "AsyncContentStream",
    "Content",
    "ContentStream",
    "EventSourceResponse",
    "FileResponse",
    "HTMLResponse",
    "JSONResponse",
    "ORJSONResponse",
    "PlainTextResponse",
    "RedirectResponse",
    "Response",
    "ServerSentEvent",
    "StreamingResponse",
    "SyncContentStream",
    "UJSONResponse",
]

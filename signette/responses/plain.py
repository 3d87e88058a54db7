"""Responses with a complete body: plain, text, HTML, JSON.

A response can be sent many times, also by several tasks at once: sending does not change it, and each start message has
a new list of headers, so that middleware can change the headers of one message only.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from signette._http.cookies import render_cookie
from signette._http.json import dumps
from signette.background import BackgroundTask, run_after
from signette.datastructures.headers import Field, MutableHeaders
from signette.exceptions import ClientDisconnect
from signette.responses.wire import (
    BODILESS,
    CONTENT_FIELDS,
    RawHeaders,
    as_denial,
    content_fields,
    content_length_field,
    content_type_field,
    encode_chunk,
    encode_field,
)
from signette.types import Receive, Scope, Send

SameSite = Literal["lax", "strict", "none"]


class Response:
    """A response with a complete body. An ASGI application, which rejects the handshake of a WebSocket.

    Setting invalid header names and values raises `ValueError`. A 1xx, 204, 205 or 304 is sent without its body.

    Attributes:
        status_code: You can change it until the response is sent.
        media_type: Of the class or of the instance. `; charset=utf-8` is added to `text/...`.
        charset: `utf-8`, unless a subclass sets another one.
        body: The bytes of the body.
        background: A background task, which runs after the last byte was sent.
    """

    media_type: str | None = None
    charset = "utf-8"
    body: bytes | memoryview
    # PERF: a tuple for all responses with the same fields, until something asks for the list.
    _fields: RawHeaders | tuple[Field, ...]
    _headers: MutableHeaders | None = None

    def __init__(
        self,
        content: Any = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        self.status_code = status_code
        if media_type is not None:
            self.media_type = media_type
        self.background = background
        if (
            type(content) is str
            and not headers
            and (status_code == 200 or status_code not in BODILESS)
            and self.charset == "utf-8"
            and (cls := type(self)).render is _render
            and cls.init_headers is _init_headers
        ):
            # PERF: what these two methods do with text; their calls take 7 % of a response that is made and sent.
            try:
                self.body = body = content.encode()  # PERF: half the time of an encoding by its name
            except UnicodeEncodeError:
                pass  # `render` decides
            else:
                self._fields = CONTENT_FIELDS[self.media_type][len(body)]
                return
        self.body = self.render(content)
        self.init_headers(headers)

    @property
    def raw_headers(self) -> RawHeaders:
        """The headers as pairs of bytes; a list that you can change or replace."""
        fields = self._fields
        if isinstance(fields, tuple):  # shared with other responses until now
            fields = self._fields = list(fields)
        return fields

    @raw_headers.setter
    def raw_headers(self, fields: RawHeaders) -> None:
        self._fields = fields

    def render(self, content: Any) -> bytes | memoryview:
        """The body: encodes text in `charset`, keeps bytes; `None` is empty. Subclasses may override it."""
        if content is None:
            return b""
        kind = type(content)
        if kind is bytes:  # PERF: without `isinstance` and another call, as for text below
            body: bytes = content
            return body
        if kind is str:
            try:
                body = content.encode(self.charset)
            except UnicodeEncodeError:
                pass  # `encode_chunk` decides
            else:
                return body
        return encode_chunk(content, self.charset)

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """Set `raw_headers` to these headers, then content-length and content-type unless they are included."""
        body: bytes | memoryview | None
        try:
            body = self.body
        except AttributeError:  # a stream or a file
            body = None
        media_type = self.media_type
        if not headers and type(body) is bytes and self.status_code not in BODILESS:
            # PERF: nearly all responses; both fields by one lookup.
            if self.charset == "utf-8":
                self._fields = CONTENT_FIELDS[media_type][len(body)]
            else:
                self._fields = content_fields(len(body), media_type, self.charset)
            return
        raw: RawHeaders = []
        if headers:
            raw = [encode_field(name, value) for name, value in headers.items()]
            given = dict(raw)
            if b"content-length" in given:
                body = None
            if b"content-type" in given:
                media_type = None
        if body is not None:
            if self.status_code not in BODILESS:
                # `nbytes`, as the length of a typed memoryview, which a subclass may render, counts items.
                raw.append(content_length_field(len(body) if isinstance(body, bytes) else body.nbytes))
            elif self.status_code == 205:
                raw.append(content_length_field(0))
        if media_type is not None:
            raw.append(content_type_field(media_type, self.charset))
        self._fields = raw

    @property
    def headers(self) -> MutableHeaders:
        """A mutable view of `raw_headers`."""
        headers, fields = self._headers, self._fields
        if headers is None or headers._list is not fields:  # PERF: without a call of `raw`
            if isinstance(fields, tuple):  # PERF: as in `raw_headers`
                fields = self._fields = list(fields)
            headers = self._headers = MutableHeaders(raw=fields)
        return headers

    def set_cookie(
        self,
        key: str,
        value: str = "",
        max_age: int | None = None,
        expires: datetime | str | int | None = None,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: SameSite | None = "lax",
        partitioned: bool = False,
    ) -> None:
        """Add a `set-cookie` header. `max_age`, and `expires` as a number, are seconds from now.

        Raises:
            ValueError: the name, the value or an attribute contains invalid characters.
        """
        cookie = render_cookie(
            key,
            value,
            max_age=max_age,
            expires=expires,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
        )
        self.raw_headers.append((b"set-cookie", cookie.encode("latin-1")))

    def delete_cookie(
        self,
        key: str,
        path: str = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: SameSite | None = "lax",
        partitioned: bool = False,
    ) -> None:
        """Delete a cookie of the client. Path, domain and `partitioned` must be the same as when it was set."""
        self.set_cookie(
            key,
            max_age=0,
            expires=0,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        if scope["type"] == "websocket":
            send = as_denial(send)
        status = self.status_code
        try:
            if status == 200 or status not in BODILESS:  # PERF: the first is the cheaper one
                await send({"type": "http.response.start", "status": status, "headers": [*self._fields]})
                await send({"type": "http.response.body", "body": self.body})
            else:
                await send({"type": "http.response.start", "status": status, "headers": self._bodiless_headers()})
                await send({"type": "http.response.body", "body": b""})
        except OSError as exc:  # ASGI 2.4: the client has disconnected
            raise ClientDisconnect from exc
        if self.background is not None:
            await run_after(self.background, scope)

    def _bodiless_headers(self) -> RawHeaders:
        # The status may have changed since `init_headers`. RFC 9110 §8.6: no Content-Length in 1xx and 204; in a 304
        # it is the length of the content that is not sent. A 205 without Content-Length could have a body.
        if self.status_code == 304:
            return [*self._fields]
        fields = [field for field in self._fields if field[0] != b"content-length"]
        if self.status_code == 205:
            fields.append(content_length_field(0))
        return fields


# Those that `Response.__init__` knows.
_render, _init_headers = Response.render, Response.init_headers


class PlainTextResponse(Response):
    """A `text/plain` response."""

    media_type = "text/plain"


class HTMLResponse(Response):
    """A `text/html` response."""

    media_type = "text/html"


class JSONResponse(Response):
    """A JSON response, compact, in UTF-8. Raises ValueError if the value contains NaN or an infinity.

    `ORJSONResponse` and `UJSONResponse` are other names of it.
    """

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Serialize the value."""
        return dumps(content)


# Names of FastAPI for responses by these libraries. Here every JSON response is written by orjson.
ORJSONResponse = JSONResponse
UJSONResponse = JSONResponse

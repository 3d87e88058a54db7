"""Sessions: values that a client keeps from one request to the next, signed, or under an id in a store.

A cookie holds `base64(JSON).timestamp.signature`, as `itsdangerous.TimestampSigner` writes it; with a store, the id of
the session replaces the JSON. The only module that imports itsdangerous.
"""

import logging
import secrets
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from signette._http.cookies import render_cookie
from signette._http.json import dumps, loads
from signette.connection import HTTPConnection
from signette.datastructures.headers import Field
from signette.datastructures.session import Session
from signette.datastructures.state import Secret
from signette.exceptions import ClientDisconnect
from signette.middleware.vary import add_vary
from signette.state.memory import MemoryStore
from signette.state.store import Store
from signette.state.unavailable import StateUnavailable
from signette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["MemoryStore", "SessionMiddleware", "Store"]

if TYPE_CHECKING:
    import itsdangerous
else:
    try:
        import itsdangerous
    except ModuleNotFoundError:  # reported where a session is used; importing this module needs no library
        itsdangerous = None

Key = str | bytes | Secret

# Messages that carry header fields to the client.
_STARTS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
# RFC 6265 §6.1: so much of a cookie, name and attributes included, is kept by any browser; of more, nothing by most.
_COOKIE_BYTES = 4096
# What is signed for a cookie of one name counts under no other (decision 20). This name is signed as elsewhere.
_UNSALTED = "session"
_LONG_AGO = "; expires=Thu, 01 Jan 1970 00:00:00 GMT"
_log = logging.getLogger("signette.sessions")


class SessionMiddleware:
    """Gives requests and WebSockets `request.session`, a dictionary that comes back with the client's next request.

    Its values are what JSON carries. Without a `store` the client keeps them: it can read them, not change them, and a
    browser drops more than some 4,000 bytes. With one it keeps a random id; what a request changes in a session that
    another request has ended meanwhile is not kept. `store="app"` is that of the application, `App(state=...)`, for the
    purpose "sessions". Of several keys the first signs, and all are accepted. The cookie
    is sent when the session has changed before the response starts, and with `Vary: Cookie` if it was read. A
    session that is empty, too old (`max_age` seconds; None: until the browser closes), tampered with or nonsense is an
    empty one.

    Raises:
        ValueError: there is no key, an attribute of the cookie has characters that it must not have, or `max_age` is
            less than a second for a store.
        TypeError: `store` is not a `signette.state.Store`.
        ImportError: itsdangerous is not installed.
    """

    def __init__(
        self,
        app: ASGIApp,
        secret_key: Key | Sequence[Key],
        session_cookie: str = "session",
        max_age: int | None = 14 * 24 * 60 * 60,
        path: str = "/",
        same_site: Literal["lax", "strict", "none"] = "lax",
        https_only: bool = False,
        domain: str | None = None,
        partitioned: bool = False,
        *,
        store: Store | Literal["app"] | None = None,
    ) -> None:
        # Rejects characters that could split the field or add an attribute.
        render_cookie(session_cookie, path=path, domain=domain, samesite=same_site)
        _check_store(store, max_age)
        self.app = app
        self.session_cookie = session_cookie
        self.max_age = max_age
        self.store = store
        self.security_flags = f"httponly; samesite={same_site}"
        if https_only:
            self.security_flags += "; secure"
        if domain:
            self.security_flags += f"; domain={domain}"
        if partitioned:
            self.security_flags += "; partitioned"
        self._signer = _signer_of(secret_key, session_cookie)
        self._path = f"; path={path}" if path else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        store = _store_of_app(scope) if self.store == "app" else self.store
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        visit = _Visit(self, send)
        if store is None:
            visit.session = Session(lambda: _values_of(self.unsigned(scope)))
        else:
            await visit.load(store, self.unsigned(scope))
        scope["session"] = visit.session
        try:
            await self.app(scope, receive, visit.send)
        except ClientDisconnect:
            if visit.failure is None:
                raise
        if visit.failure is not None:
            raise visit.failure
        visit.end(scope)

    def unsigned(self, scope: Scope) -> bytes | None:
        """The content of the client's cookie; None if it is missing, expired, or not signed with one of the keys."""
        cookie = HTTPConnection(scope).cookies.get(self.session_cookie)
        if cookie is None:
            return None
        try:
            return self._signer.unsign(cookie, max_age=self.max_age)
        except itsdangerous.BadSignature:
            return None

    def set_cookie_field(self, payload: bytes | None) -> Field:
        """The field that has the client keep this; with None, forget what it has."""
        if payload is None:
            cookie = f"{self.session_cookie}=null{self._path}{_LONG_AGO}; {self.security_flags}"
        else:
            max_age = "" if self.max_age is None else f"; Max-Age={self.max_age}"
            signed = self._signer.sign(payload).decode("ascii")
            cookie = f"{self.session_cookie}={signed}{self._path}{max_age}; {self.security_flags}"
        if len(cookie) > _COOKIE_BYTES:
            _log.warning(
                "The cookie `%s` has %d bytes; browsers drop what is longer than %d. Give SessionMiddleware a store.",
                self.session_cookie,
                len(cookie),
                _COOKIE_BYTES,
            )
        return b"set-cookie", cookie.encode("ascii")


class _Visit:
    """The session of one request, from what the client brought to what it takes along."""

    __slots__ = ("_has_started", "_id", "_loaded", "_middleware", "_send", "_sent", "_store", "failure", "session")

    session: Session

    def __init__(self, middleware: SessionMiddleware, send: Send) -> None:
        self._middleware = middleware
        self._send = send
        self._store: Store | None = None
        self._id: str | None = None
        self._loaded = b"{}"
        self.failure: StateUnavailable | None = None
        self._has_started = False
        self._sent: bytes | None = None

    async def load(self, store: Store, session_id: bytes | None) -> None:
        """Read the session of that id: before the application runs, as `request.session` cannot wait."""
        self._store = store
        if session_id is not None:
            known = session_id.decode("latin-1")
            value = await store.get(_key(known))
            if value is not None:
                self._id, self._loaded = known, value
        self.session = Session(lambda: _json_object(self._loaded))

    def send(self, message: Message) -> Awaitable[None]:
        """The application's `send`."""
        if message["type"] in _STARTS:
            self._has_started = True
            if self.session.accessed:
                return self._send_start(message)
        return self._send(message)

    def end(self, scope: Scope) -> None:
        """Log a change that came too late."""
        if self._has_started and self.session.accessed and self._is_late():
            _log.warning(
                "The session was changed after the response to %r had started: the change is lost. "
                "Change it before the response is returned.",
                scope["path"],
            )

    async def _send_start(self, message: Message) -> None:
        fields = [*message.get("headers", ())]
        add_vary(fields, b"Cookie")
        if self.session.modified:
            try:
                payload = self._sealed() if self._store is None else await self._stored(self._store)
            except _SessionEnded:
                # No cookie is taken away: the client may have the one of a renewed session by now.
                _log.debug("The session was ended while the request to it was under way: its changes are not kept.")
            except StateUnavailable as exc:
                # The response is not sent: for the application its client has left, and this one gets the exception.
                self.failure = exc
                raise ClientDisconnect from exc
            else:
                if payload is not None or self._brought_something():
                    fields.append(self._middleware.set_cookie_field(payload))
            self.session.renewed = False
            self._sent = dumps(self.session)
        await self._send({**message, "headers": fields})

    def _is_late(self) -> bool:
        session = self.session
        try:
            return session.renewed or (session.modified if self._sent is None else dumps(session) != self._sent)
        except (TypeError, ValueError):
            return True  # a value that JSON cannot carry came in after all had been written

    def _brought_something(self) -> bool:
        return self._id is not None or not self.session.was_empty

    def _sealed(self) -> bytes | None:
        return b64encode(dumps(self.session)) if self.session else None

    async def _stored(self, store: Store) -> bytes | None:
        """The id under which the session is kept now; None if it is not kept any more.

        Raises _SessionEnded: it was ended by another request, and this one would bring it back.
        """
        session, ttl = self.session, self._middleware.max_age
        if not session:
            if self._id is not None:
                await store.delete(_key(self._id))
            return None
        value = dumps(session)
        if self._id is not None and not session.renewed:
            await self._replace(store, _key(self._id), value, ttl)
            return self._id.encode("ascii")
        if self._id is not None and not await store.delete(_key(self._id)) and not session.was_cleared:
            raise _SessionEnded
        self._id = secrets.token_urlsafe(32)
        await store.set(_key(self._id), value, ttl=ttl)
        return self._id.encode("ascii")

    async def _replace(self, store: Store, key: str, value: bytes, ttl: int | None) -> None:
        """Store a value in place of the one that is there. Of two changes at once the later one is kept."""
        expected: bytes | None = self._loaded
        while expected is not None:
            if await store.replace(key, expected, value, ttl=ttl):
                return
            expected = await store.get(key)
        raise _SessionEnded


class _SessionEnded(Exception):
    """The session that a request has read is not in the store any more."""


def _check_store(store: object, max_age: int | None) -> None:
    if store is None:
        return
    if store != "app" and (isinstance(store, type) or not isinstance(store, Store)):
        raise TypeError(
            f"`store=` of SessionMiddleware takes a `signette.state.Store` or 'app', got {type(store).__name__}"
        )
    if max_age is not None and max_age < 1:
        raise ValueError("`max_age` of SessionMiddleware must be at least 1 with a store; None: no end")


def _store_of_app(scope: Scope) -> Store:
    backend = getattr(scope.get("app"), "backend", None)
    if backend is None:
        raise RuntimeError(
            "`SessionMiddleware(store='app')` needs an `App`, which has a backend; pass a `Store` in its place"
        )
    store: Store = backend.store("sessions")
    return store


def _key(session_id: str) -> str:
    return f"session:{session_id}"


def _values_of(payload: bytes | None) -> Mapping[str, Any]:
    """The values of a cookie without a store; none, where something else was signed."""
    if payload is None:
        return {}
    try:
        return _json_object(b64decode(payload))
    except ValueError:
        return {}


def _json_object(text: bytes) -> Mapping[str, Any]:
    try:
        value = loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _signer_of(secret_key: Key | Sequence[Key], cookie_name: str) -> "itsdangerous.TimestampSigner":
    if itsdangerous is None:
        raise ImportError(
            "`SessionMiddleware` signs by itsdangerous, which is not installed. "
            "Install it with `pip install 'signette[sessions]'`."
        )
    given = [secret_key] if isinstance(secret_key, str | bytes | Secret) else list(secret_key)
    keys = [key if isinstance(key, bytes) else str(key).encode() for key in given]
    if not keys or not all(keys):
        raise ValueError("SessionMiddleware needs a `secret_key` that is not empty")
    salt = None if cookie_name == _UNSALTED else f"signette.sessions:{cookie_name}".encode("ascii")
    return itsdangerous.TimestampSigner(keys[::-1], salt=salt)  # of several it signs by the last

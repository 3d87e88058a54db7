"""Sessions: values that a client keeps from one request to the next, signed, or under an id in a store.

A cookie holds `base64(JSON).timestamp.signature`, as `itsdangerous.TimestampSigner` writes it; with a store, the id of
the session replaces the JSON. The only module that imports itsdangerous.
"""

import inspect
import logging
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from signette._http.cookies import render_cookie
from signette._http.json import dumps, loads
from signette.connection import HTTPConnection
from signette.datastructures.headers import Field
from signette.datastructures.session import Session
from signette.datastructures.state import Secret
from signette.middleware.vary import add_vary
from signette.types import ASGIApp, Message, Receive, Scope, Send

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


class Store(Protocol):
    """Where values are kept by key, as bytes, each for some time.

    A store may do more, each in one step, so that a session that was ended cannot come back: take `only_if_there`, as
    `MemoryStore.set` does (Redis: `SET key value XX`), and return from `delete` whether the value was there (the number
    that `DEL` returns). Without these the middleware asks `get` first, and a request that ends the session between
    the two calls goes unnoticed.
    """

    async def get(self, key: str) -> bytes | None:
        """The value; None if it does not exist or has expired."""

    async def set(self, key: str, value: bytes, max_age_seconds: int | None) -> Any:
        """Keep a value, in place of one that is there; None is without end."""

    async def delete(self, key: str) -> Any:
        """Forget a value; it need not be there."""


class MemoryStore:
    """Values in the memory of this process: for one process, and for tests.

    Beyond `max_items` those are forgotten that have not been set for the longest time.
    """

    def __init__(self, max_items: int = 100_000) -> None:
        self.max_items = max_items
        self._items: dict[str, tuple[bytes, float | None]] = {}

    async def get(self, key: str) -> bytes | None:
        """The value; None if it does not exist or has expired."""
        value, deadline = self._items.get(key, (None, None))
        if deadline is not None and deadline <= self.now():
            del self._items[key]
            return None
        return value

    async def set(self, key: str, value: bytes, max_age_seconds: int | None, *, only_if_there: bool = False) -> bool:
        """Keep a value, in place of one that is there; None is without end. Forgets the oldest beyond `max_items`.

        With `only_if_there` nothing is kept where no value is there. Returns whether the value is kept.
        """
        if only_if_there and await self.get(key) is None:
            return False
        self._items.pop(key, None)  # so that it stands last: a dictionary keeps the order of first setting
        self._items[key] = (value, None if max_age_seconds is None else self.now() + max_age_seconds)
        if len(self._items) > self.max_items:
            del self._items[next(iter(self._items))]
        return True

    async def delete(self, key: str) -> bool:
        """Forget a value; it need not be there. Returns whether it was."""
        was_there = await self.get(key) is not None
        self._items.pop(key, None)
        return was_there

    def now(self) -> float:
        """Seconds of a clock that only goes forward."""
        return time.monotonic()


class SessionMiddleware:
    """Gives requests and WebSockets `request.session`, a dictionary that comes back with the client's next request.

    Its values are what JSON carries. Without a `store` the client keeps them: it can read them, not change them, and a
    browser drops more than some 4,000 bytes. With one it keeps a random id; what a request changes in a session that
    another request has ended meanwhile is not kept. Of several keys the first signs, and all are accepted. The cookie
    is sent when the session has changed before the response starts, and with `Vary: Cookie` if it was read. A
    session that is empty, too old (`max_age` seconds; None: until the browser closes), tampered with or nonsense is an
    empty one.

    Raises:
        ValueError: there is no key, or an attribute of the cookie has characters that it must not have.
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
        store: Store | None = None,
    ) -> None:
        # Rejects characters that could split the field or add an attribute.
        render_cookie(session_cookie, path=path, domain=domain, samesite=same_site)
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
        self._store = None if store is None else _CheckedStore(store)
        self._signer = _signer_of(secret_key, session_cookie)
        self._path = f"; path={path}" if path else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        visit = _Visit(self, send)
        if self._store is None:
            visit.session = Session(lambda: _values_of(self.unsigned(scope)))
        else:
            await visit.load(self._store, self.unsigned(scope))
        scope["session"] = visit.session
        await self.app(scope, receive, visit.send)
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

    __slots__ = ("_has_started", "_id", "_middleware", "_send", "_sent", "_store", "session")

    session: Session

    def __init__(self, middleware: SessionMiddleware, send: Send) -> None:
        self._middleware = middleware
        self._send = send
        self._store: _CheckedStore | None = None
        self._id: str | None = None
        self._has_started = False
        self._sent: bytes | None = None

    async def load(self, store: "_CheckedStore", session_id: bytes | None) -> None:
        """Read the session of that id: before the application runs, as `request.session` cannot wait."""
        self._store = store
        value: bytes | None = None
        if session_id is not None:
            known = session_id.decode("latin-1")
            value = await store.get(_key(known))
            if value is not None:
                self._id = known
        self.session = Session(lambda: _json_object(value or b"{}"))

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

    async def _stored(self, store: "_CheckedStore") -> bytes | None:
        """The id under which the session is kept now; None if it is not kept any more.

        Raises _SessionEnded: it was ended by another request, and this one would bring it back.
        """
        session, max_age = self.session, self._middleware.max_age
        if not session:
            if self._id is not None:
                await store.delete(_key(self._id))
            return None
        value = dumps(session)
        if self._id is not None and not session.renewed:
            if not await store.replace(_key(self._id), value, max_age):
                raise _SessionEnded
            return self._id.encode("ascii")
        if self._id is not None and not await store.delete(_key(self._id)) and not session.was_cleared:
            raise _SessionEnded
        self._id = secrets.token_urlsafe(32)
        await store.set(_key(self._id), value, max_age)
        return self._id.encode("ascii")


class _SessionEnded(Exception):
    """The session that a request has read is not in the store any more."""


class _CheckedStore:
    """A store that reports whether a value existed. Stores that cannot do it in one step are asked first."""

    def __init__(self, store: Store) -> None:
        self.get = store.get
        self.set = store.set
        self._delete = store.delete
        self._knows_condition = _takes(store.set, "only_if_there")

    async def replace(self, key: str, value: bytes, max_age_seconds: int | None) -> bool:
        """Keep a value in place of the one that is there. Returns False, and keeps nothing, where none is."""
        if self._knows_condition:
            kept: Any = await self.set(key, value, max_age_seconds, only_if_there=True)  # type: ignore[call-arg]
            return kept is not False
        if await self.get(key) is None:
            return False
        await self.set(key, value, max_age_seconds)
        return True

    async def delete(self, key: str) -> bool:
        """Forget a value. Returns whether it was there."""
        was_there = await self.get(key) is not None
        reported = await self._delete(key)
        return was_there if reported is None else bool(reported)


def _takes(function: Callable[..., Any], keyword: str) -> bool:
    try:
        parameters = inspect.signature(function).parameters
    except ValueError:  # written in C
        return False
    return keyword in parameters


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

"""Sessions: what a client brings back, and no one else can make."""

import logging
import re
from base64 import b64encode
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import example, given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

import signette.middleware.sessions
from signette.app import App
from signette.applications import Application
from signette.datastructures.session import Session
from signette.datastructures.state import Secret
from signette.exceptions import ClientDisconnect
from signette.middleware.registry import Middleware
from signette.middleware.sessions import MemoryStore, SessionMiddleware
from signette.requests import Request
from signette.responses.plain import JSONResponse, PlainTextResponse
from signette.routing.route import Route
from signette.state import Backend, StateUnavailable
from signette.testclient import TestClient
from tests.asgi import Exchange, call, fetch

KEY = "a key"


class Visit:
    """One client: asks an application that does something with its session, and keeps the cookie."""

    def __init__(self, cookie: str | None = None, **options: Any) -> None:
        self.cookie = cookie
        self.options: dict[str, Any] = {"secret_key": KEY, **options}

    async def ask(self, use: Any = lambda session: None, *, kind: str = "http", touches: bool = True) -> Exchange:
        """One request in which `use` is called with the session; the response's body is the session."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if not touches:
                await PlainTextResponse("untouched")(scope, receive, send)
                return
            session = Request({**scope, "type": "http"}).session
            use(session)
            if kind == "websocket":
                await send({"type": "websocket.accept"})
            else:
                await JSONResponse(session)(scope, receive, send)

        fields = [] if self.cookie is None else [(b"cookie", f"x=y; {self.cookie}".encode("latin-1"))]
        response = await call(SessionMiddleware(app, **self.options), kind=kind, headers=fields)
        if set_cookie := cookie_of(response):
            self.cookie = set_cookie.partition(";")[0]
        return response


def cookie_of(response: Exchange) -> str:
    found = [value for name, value in response.messages[0].get("headers", ()) if name == b"set-cookie"]
    assert len(found) <= 1
    return b"".join(found).decode()


def put(**values: Any) -> Any:
    return lambda session: session.update(values)


@pytest.fixture(params=["cookie", "store"])
def options(request: Any) -> dict[str, Any]:
    return {"store": MemoryStore()} if request.param == "store" else {}


# What holds for either.


async def test_what_is_put_in_comes_back(options: Any) -> None:
    visit = Visit(**options)
    assert (await visit.ask()).text == "{}"
    await visit.ask(put(user="ada", cart=[1, {"n": 2}]))
    assert (await visit.ask()).text == '{"user":"ada","cart":[1,{"n":2}]}'


async def test_an_unused_session_adds_nothing_to_the_response(options: Any) -> None:
    visit = Visit(**options)
    await visit.ask(put(a=1))
    response = await visit.ask(touches=False)
    assert response.headers == {"content-length": "9", "content-type": "text/plain; charset=utf-8"}


async def test_a_session_that_is_only_read_makes_the_response_vary(options: Any) -> None:
    visit = Visit(**options)
    for _ in range(2):
        response = await visit.ask(lambda session: session.get("a"))
        assert (cookie_of(response), response.headers["vary"]) == ("", "Cookie")
        await visit.ask(put(a=1))


async def test_a_change_deep_inside_is_sent(options: Any) -> None:
    visit = Visit(**options)
    await visit.ask(put(cart=[]))
    assert cookie_of(await visit.ask(lambda session: session["cart"].append(1)))
    assert (await visit.ask()).text == '{"cart":[1]}'


async def test_to_empty_it_has_the_client_forget_it(options: Any) -> None:
    visit = Visit(**options)
    await visit.ask(put(a=1))
    forgotten = cookie_of(await visit.ask(lambda session: session.clear()))
    expected = "session=null; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly; samesite=lax"
    assert forgotten == expected
    assert (await visit.ask()).text == "{}"


async def test_to_empty_an_empty_one_changes_nothing(options: Any) -> None:
    assert cookie_of(await Visit(**options).ask(lambda session: session.clear())) == ""
    assert cookie_of(await Visit(**options).ask(lambda session: (session.update(a=1), session.pop("a")))) == ""


@pytest.mark.parametrize(
    ("made", "attributes"),
    [
        ({}, "path=/; Max-Age=1209600; httponly; samesite=lax"),
        ({"max_age": None}, "path=/; httponly; samesite=lax"),
        ({"max_age": 5, "path": "/x"}, "path=/x; Max-Age=5; httponly; samesite=lax"),
        (
            {"same_site": "none", "https_only": True, "domain": "a.org", "partitioned": True, "max_age": None},
            "path=/; httponly; samesite=none; secure; domain=a.org; partitioned",
        ),
    ],
)
async def test_the_cookie_has_the_attributes_that_are_asked_for(options: Any, made: Any, attributes: str) -> None:
    cookie = cookie_of(await Visit(session_cookie="sid", **made, **options).ask(put(a=1)))
    assert cookie.startswith("sid=")
    assert cookie.partition("; ")[2] == attributes


async def test_a_cookie_that_was_tampered_with_is_an_empty_session(options: Any) -> None:
    visit = Visit(**options)
    await visit.ask(put(admin=False))
    assert visit.cookie is not None
    name, _, value = visit.cookie.partition("=")
    # But for the last character, of which two bits mean nothing.
    for at in range(len(value) - 1):
        changed = value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1 :]
        assert (await Visit(f"{name}={changed}", **options).ask()).text == "{}"


async def test_a_cookie_that_is_too_old_is_an_empty_session(options: Any) -> None:
    class Yesterday(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - 24 * 60 * 60

    payload = b64encode(b'{"a":1}')
    if options:
        await options["store"].set("session:abc", b'{"a":1}')
        payload = b"abc"
    signed = Yesterday(KEY).sign(payload).decode()
    for max_age, text in ((60 * 60, "{}"), (48 * 60 * 60, '{"a":1}'), (None, '{"a":1}')):
        assert (await Visit(f"session={signed}", max_age=max_age, **options).ask()).text == text


@given(st.binary(max_size=40))
@example(b"null")
@example(b"session=")
@example(b"session=a.b.c")
@example(b"session=\xff.\xff")
async def test_no_cookie_makes_it_fail(cookie: bytes) -> None:
    for store in (None, MemoryStore()):
        visit = Visit(cookie.decode("latin-1"), store=store)
        assert (await visit.ask()).text == "{}"


async def test_keys_can_be_changed_without_losing_sessions(options: Any) -> None:
    visit = Visit(secret_key="old", **options)
    await visit.ask(put(a=1))
    visit.options["secret_key"] = ["new", "old"]
    assert (await visit.ask(put(b=2))).text == '{"a":1,"b":2}'
    visit.options["secret_key"] = "new"
    assert (await visit.ask()).text == '{"a":1,"b":2}'
    visit.options["secret_key"] = "other"
    assert (await visit.ask()).text == "{}"


async def test_a_key_may_be_a_secret_or_bytes() -> None:
    visit = Visit(secret_key=Secret("k"))
    await visit.ask(put(a=1))
    visit.options["secret_key"] = b"k"
    assert (await visit.ask()).text == '{"a":1}'


@pytest.mark.parametrize("key", ["", b"", [], ["a", ""], Secret("")])
def test_an_empty_key_is_rejected(key: Any) -> None:
    with pytest.raises(ValueError, match="needs a `secret_key`"):
        SessionMiddleware(PlainTextResponse(""), key)


@pytest.mark.parametrize(
    "made", [{"session_cookie": "a b"}, {"path": "/; x"}, {"domain": "a\r\n"}, {"same_site": "strictly"}]
)
def test_cookie_injection_is_rejected_where_it_is_written(made: Any) -> None:
    with pytest.raises(ValueError, match=re.compile("key|path|domain|samesite")):
        SessionMiddleware(PlainTextResponse(""), KEY, **made)


async def test_a_websocket_has_a_session_that_is_sent_as_it_is_accepted(options: Any) -> None:
    visit = Visit(**options)
    assert cookie_of(await visit.ask(put(a=1), kind="websocket"))
    assert (await visit.ask()).text == '{"a":1}'


async def test_the_messages_of_a_response_that_is_sent_again_are_not_changed() -> None:
    response = PlainTextResponse("x")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["session"]["a"] = 1
        await response(scope, receive, send)

    middleware = SessionMiddleware(app, KEY)
    assert [len((await call(middleware)).headers) for _ in range(2)] == [4, 4]


async def test_a_session_is_sent_with_an_error_too(options: Any) -> None:
    async def endpoint(request: Any) -> Any:
        request.session["a"] = 1
        raise ValueError("boom")

    middleware = Middleware(SessionMiddleware, secret_key=KEY, **options)
    response = await call(Application(routes=[Route("/", endpoint)], middleware=[middleware]))
    assert (response.status, cookie_of(response).partition("=")[0]) == (500, "session")


async def test_what_json_cannot_represent_is_an_error_before_the_response(options: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["session"]["a"] = object()
        await PlainTextResponse("x")(scope, receive, send)

    response = await call(SessionMiddleware(app, KEY, **options))
    assert isinstance(response.error, TypeError)
    assert response.messages == []


async def test_a_lifespan_passes() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["type"], "session" in scope))

    await call(SessionMiddleware(app, KEY), kind="lifespan")
    assert seen == [("lifespan", False)]


def test_without_itsdangerous_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signette.middleware.sessions, "itsdangerous", None)
    with pytest.raises(ImportError, match=re.escape("pip install 'signette[sessions]'")):
        SessionMiddleware(PlainTextResponse(""), KEY)


# In the cookie.


async def test_the_cookie_is_what_other_toolkits_write_and_read() -> None:
    # Written elsewhere with the key "k"; its JSON has a space in it.
    theirs = Visit("session=eyJhIjogMX0=.awEfkA.LcUUCo92sxJ-MlH9d0LntBoIp_s", secret_key="k", max_age=None)
    response = await theirs.ask()
    assert (response.text, cookie_of(response)) == ('{"a":1}', "")
    ours = Visit(secret_key="k")
    await ours.ask(put(a=1))
    assert ours.cookie is not None
    assert TimestampSigner("k").unsign(ours.cookie.removeprefix("session=")) == b64encode(b'{"a":1}')


@pytest.mark.parametrize("signed", [b"", b"[1]", b"null", b"1", b"{", b"\xff", b"{" * 5000])
@pytest.mark.parametrize("encode", [b64encode, bytes])
async def test_what_is_signed_but_nonsense_is_an_empty_session(signed: bytes, encode: Any) -> None:
    cookie = TimestampSigner(KEY).sign(encode(signed)).decode("latin-1")
    assert (await Visit(f"session={cookie}").ask()).text == "{}"


async def test_a_cookie_is_not_checked_before_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []
    monkeypatch.setattr(TimestampSigner, "unsign", lambda *args, **options: checked.append(1) or b"")
    visit = Visit("session=a.b.c")
    await visit.ask(touches=False)
    assert checked == []
    await visit.ask()
    assert checked == [1]


async def test_a_cookie_that_browsers_would_drop_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "signette.sessions"):
        await Visit().ask(put(a="x" * 2000))
        assert caplog.text == ""
        await Visit().ask(put(a="x" * 4000))
    assert "Give SessionMiddleware a store" in caplog.text


# In a store.


async def test_with_a_store_the_client_keeps_an_id_alone() -> None:
    store = MemoryStore()
    visit, other = Visit(store=store), Visit(store=store)
    await visit.ask(put(secret="x" * 10_000))
    await other.ask(put(a=1))
    assert visit.cookie is not None
    assert len(visit.cookie) < 120
    assert (await other.ask()).text == '{"a":1}'
    assert visit.cookie != other.cookie


async def test_the_id_stays_until_the_session_is_renewed() -> None:
    store = MemoryStore()
    visit = Visit(store=store)
    await visit.ask(put(a=1))
    first = id_of(visit)
    await visit.ask(put(b=2))
    assert id_of(visit) == first
    old = visit.cookie
    await visit.ask(lambda session: session.renew())
    assert id_of(visit) != first
    assert (await visit.ask()).text == '{"a":1,"b":2}'
    assert (await Visit(old, store=store).ask()).text == "{}"


def id_of(visit: Visit) -> str:
    assert visit.cookie is not None
    return visit.cookie.split(".")[0]


async def test_an_emptied_session_is_deleted_from_the_store() -> None:
    store = MemoryStore()
    visit = Visit(store=store)
    await visit.ask(put(a=1))
    old = visit.cookie
    await visit.ask(lambda session: session.clear())
    assert (await Visit(old, store=store).ask()).text == "{}"


async def test_an_id_that_the_store_does_not_know_is_not_taken_over() -> None:
    visit = Visit(store=MemoryStore())
    await visit.ask(put(a=1))
    before = id_of(visit)
    visit.options["store"] = MemoryStore()
    await visit.ask(put(a=1))
    assert id_of(visit) != before


async def test_an_unsigned_id_is_not_looked_up() -> None:
    class Asked(MemoryStore):
        asked: list[str] = []

        async def get(self, key: str) -> bytes | None:
            self.asked.append(key)
            return await super().get(key)

    for cookie in (None, "session=abc", "session=abc.x.y"):
        await Visit(cookie, store=Asked()).ask()
    assert Asked.asked == []


async def test_nonsense_in_a_store_is_an_empty_session() -> None:
    store = MemoryStore()
    await store.set("session:abc", b"[1")
    cookie = TimestampSigner(KEY).sign(b"abc").decode()
    assert (await Visit(f"session={cookie}", store=store).ask()).text == "{}"


async def test_a_session_is_kept_in_the_store_for_its_max_age() -> None:
    now = 0.0
    store = MemoryStore(clock=lambda: now)
    visit = Visit(store=store, max_age=10)
    await visit.ask(put(a=1))
    now = 9.0
    await visit.ask(put(b=2))  # counts from the last change
    now = 18.0
    assert (await visit.ask()).text == '{"a":1,"b":2}'
    now = 19.0
    assert (await visit.ask()).text == "{}"
    await visit.ask(put(a=1))
    visit.options["max_age"] = None
    await visit.ask(put(a=1))
    now = 1e9
    assert (await visit.ask()).text == '{"a":1}'


@pytest.mark.parametrize("store", ["memory", {}, object(), MemoryStore])
def test_a_store_that_is_not_one_is_a_type_error(store: Any) -> None:
    with pytest.raises(TypeError, match=r"takes a `signette.state.Store` or 'app'"):
        SessionMiddleware(Application(), KEY, store=store)


@pytest.mark.parametrize("max_age", [0, -1])
def test_a_lifetime_that_a_store_cannot_keep_is_a_value_error(max_age: int) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        SessionMiddleware(Application(), KEY, max_age=max_age, store=MemoryStore())


# The store of the application.


def application(state: Any) -> App:
    app = App(state=state, middleware=[Middleware(SessionMiddleware, KEY, store="app")])

    @app.post("/count")
    async def count(request: Request) -> int:
        request.session["n"] = request.session.get("n", 0) + 1
        return int(request.session["n"])

    @app.get("/read")
    async def read(request: Request) -> dict[str, Any]:
        return dict(request.session)

    return app


async def test_sessions_are_in_the_state_of_the_application() -> None:
    app = application(Backend())
    response = await fetch(app, "POST /count")
    cookie = cookie_of(response).partition(";")[0]
    assert (await fetch(app, "POST /count", b"", {"cookie": cookie})).text == "2"
    assert (await fetch(application(app.backend), "POST /count", b"", {"cookie": cookie})).text == "3"
    assert (await fetch(application(Backend()), "POST /count", b"", {"cookie": cookie})).text == "1"
    store: Any = app.backend.store("sessions")
    assert len(store) == 1


def test_an_application_without_a_backend_does_not_start() -> None:
    app = Application(middleware=[Middleware(SessionMiddleware, KEY, store="app")])
    with pytest.raises(RuntimeError, match="needs an `App`, which has a backend"), TestClient(app):
        pass


class Failing(MemoryStore):
    """A store whose engine can be away."""

    is_away = False

    async def get(self, key: str) -> bytes | None:
        self.check()
        return await super().get(key)

    async def set(self, key: str, value: bytes, *, ttl: float | None = None) -> None:
        self.check()
        await super().set(key, value, ttl=ttl)

    def check(self) -> None:
        if self.is_away:
            raise StateUnavailable("the engine is away")


async def test_an_engine_that_is_away_is_a_503_until_it_is_back() -> None:
    store = Failing()
    app = application(Backend(overrides={"sessions": store}))
    cookie = {"cookie": cookie_of(await fetch(app, "POST /count")).partition(";")[0]}
    store.is_away = True
    # A session that cannot be read, and one that cannot be stored.
    for request, headers in (("GET /read", cookie), ("POST /count", {})):
        response = await fetch(app, request, b"", headers)
        assert response.status == 503
        assert response["retry-after"] == "1"
        assert response["content-type"] == "application/problem+json"
        assert cookie_of(response) == ""
    assert (await fetch(app, "GET /read")).status == 200  # a client without a session
    store.is_away = False
    assert (await fetch(app, "POST /count", b"", cookie)).text == "2"


async def test_a_session_is_a_dictionary_in_the_scope_too() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert isinstance(scope["session"], Session)
        scope["session"].setdefault("a", []).append(1)
        await JSONResponse(dict(scope["session"]))(scope, receive, send)

    response = await call(SessionMiddleware(app, KEY))
    assert response.text == '{"a":[1]}'
    assert cookie_of(response)


# A change that comes after the response has started.


async def warnings_of(app: Any, caplog: pytest.LogCaptureFixture, kind: str = "http") -> list[str]:
    caplog.clear()
    with caplog.at_level(logging.WARNING, "signette.sessions"):
        await call(SessionMiddleware(app, KEY), "/late", kind=kind)
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("before", [None, put(), put(cart=[1])])
@pytest.mark.parametrize(
    ("late", "result"),
    [
        (put(user="ada"), True),
        (lambda session: session.setdefault("cart", [1]).append(2), True),
        (put(user=object()), True),
        (lambda session: session.renew(), True),
        (lambda session: session.get("user"), False),
        (lambda session: None, False),
    ],
)
async def test_a_change_after_the_start_is_reported_once(
    before: Any, late: Any, result: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if before is not None:
            before(scope["session"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        late(scope["session"])
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        late(scope["session"])
        await send({"type": "http.response.body", "body": b""})

    found = await warnings_of(app, caplog)
    assert len(found) == result
    assert all("the response to '/late' had started: the change is lost" in text for text in found)


async def test_so_is_one_in_a_socket_that_was_accepted(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        scope["session"]["a"] = 1

    assert len(await warnings_of(app, caplog, "websocket")) == 1


async def test_a_change_before_a_failure_goes_along_with_the_500() -> None:
    async def endpoint(request: Any) -> Any:
        request.session["a"] = 1
        raise ValueError

    app = Application(routes=[Route("/late", endpoint)], middleware=[Middleware(SessionMiddleware, secret_key=KEY)])
    assert cookie_of(await call(app, "/late")).startswith("session=")


async def test_a_socket_that_was_never_accepted_and_a_late_read_are_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["session"]["a"] = 1
        await send({"type": "websocket.close", "code": 1000})

    assert await warnings_of(app, caplog, "websocket") == []


# Sessions that are ended while a request to them is under way.


class Unhurried(MemoryStore):
    """A store that lets others run before and after each step."""

    async def replace(self, key: str, expected: bytes, value: bytes, *, ttl: float | None = None) -> bool:
        await checkpoint()
        replaced = await super().replace(key, expected, value, ttl=ttl)
        await checkpoint()
        return replaced

    async def delete(self, key: str, *, expected: bytes | None = None) -> bool:
        await checkpoint()
        was_there = await super().delete(key, expected=expected)
        await checkpoint()
        return was_there


STORES = [MemoryStore, Unhurried]


def end(session: Any) -> None:
    session.clear()


def expire(session: Any) -> None:
    session.clear()
    session.renew()


def renew(session: Any) -> None:
    session.renew()


def change(session: Any) -> None:
    session["cart"].append(2)


def keep_alive(session: Any) -> None:
    session.mark_modified()


async def overlap(visit: Visit, change: Any, end: Any, kind: str = "http") -> tuple[str, str]:
    """A request that has read the session and changes it, while another one ends it; the cookies that both set."""
    entered, ended = anyio.Event(), anyio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        session = Request({**scope, "type": "http"}).session
        change(session)
        entered.set()
        await ended.wait()
        if kind == "websocket":
            await send({"type": "websocket.accept"})
        else:
            await PlainTextResponse("")(scope, receive, send)

    slow: list[Exchange] = []
    fields = [(b"cookie", str(visit.cookie).encode())]

    async def ask_slowly() -> None:
        slow.append(await call(SessionMiddleware(app, **visit.options), kind=kind, headers=fields))

    async with anyio.create_task_group() as group:
        group.start_soon(ask_slowly)
        await entered.wait()
        set_meanwhile = cookie_of(await visit.ask(end))
        ended.set()
    return cookie_of(slow[0]), set_meanwhile


@pytest.mark.parametrize("make", STORES)
@pytest.mark.parametrize("change", [change, keep_alive, renew])
@pytest.mark.parametrize("end", [end, renew, expire])
@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_a_session_that_was_ended_stays_ended(make: Any, change: Any, end: Any, kind: str) -> None:
    visit = Visit(store=make())
    await visit.ask(put(user="ann", cart=[1]))
    old = visit.cookie
    late, meanwhile = await overlap(visit, change, end, kind)
    assert late == ""  # neither the old session nor a new one, and the cookie of a renewed one is not taken away
    assert (await Visit(old, store=visit.options["store"]).ask()).text == "{}"
    kept = '{"user":"ann","cart":[1]}' if end is renew else "{}"
    assert (await Visit(meanwhile.partition(";")[0], store=visit.options["store"]).ask()).text == kept


@pytest.mark.parametrize("make", STORES)
async def test_signing_in_with_an_ended_session_starts_an_empty_one(make: Any) -> None:
    def sign_in(session: Any) -> None:
        session.clear()
        session["user"] = "bob"
        session.renew()

    visit = Visit(store=make())
    await visit.ask(put(user="ann", cart=[1]))
    late, _ = await overlap(visit, sign_in, end)
    assert (await Visit(late.partition(";")[0], store=visit.options["store"]).ask()).text == '{"user":"bob"}'


@pytest.mark.parametrize("make", STORES)
async def test_a_change_to_a_session_that_lasts_is_kept(make: Any) -> None:
    visit = Visit(store=make())
    await visit.ask(put(cart=[1]))
    await overlap(visit, change, lambda session: session.get("cart"))
    assert (await visit.ask()).text == '{"cart":[1,2]}'


@pytest.mark.parametrize("make", STORES)
async def test_two_requests_that_renew_a_session_at_once_make_one_of_it(make: Any) -> None:
    visit = Visit(store=make())
    await visit.ask(put(user="ann"))
    late, meanwhile = await overlap(visit, renew, renew)
    assert (late, bool(meanwhile)) == ("", True)


@pytest.mark.parametrize("make", STORES)
async def test_of_two_changes_at_once_the_later_one_is_kept(make: Any) -> None:
    visit = Visit(store=make())
    await visit.ask(put(cart=[1]))
    await overlap(visit, change, put(coupon=1))
    assert (await visit.ask()).text == '{"cart":[1,2]}'


async def test_a_session_that_ends_between_two_attempts_stays_ended() -> None:
    class Ending(MemoryStore):
        async def replace(self, key: str, expected: bytes, value: bytes, *, ttl: float | None = None) -> bool:
            await self.set(key, b'{"other":1}')
            replaced = await super().replace(key, expected, value, ttl=ttl)
            await self.delete(key)
            return replaced

    visit = Visit(store=Ending())
    await visit.ask(put(a=1))
    assert cookie_of(await visit.ask(put(b=1))) == ""
    assert (await visit.ask()).text == "{}"


async def test_a_session_that_cannot_be_stored_is_an_error_also_for_a_bare_application() -> None:
    store = Failing()
    store.is_away = True
    raised: list[Exception] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        Request(scope).session["a"] = 1
        if scope["path"] == "/left":
            raise ClientDisconnect
        try:
            await PlainTextResponse("")(scope, receive, send)
        except ClientDisconnect as exc:
            raised.append(exc)
            raise

    wrapped = SessionMiddleware(app, KEY, store=store)
    response = await call(wrapped, "/")
    assert isinstance(response.error, StateUnavailable)
    assert len(raised) == 1
    assert response.messages == []
    assert isinstance((await call(wrapped, "/left")).error, ClientDisconnect)


# What is signed for one cookie.


NAMES = ["session", "prefs", "login"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("other", NAMES)
async def test_a_cookie_counts_under_its_own_name_alone(options: Any, name: str, other: str) -> None:
    visit = Visit(session_cookie=name, **options)
    await visit.ask(put(admin=True))
    assert visit.cookie is not None
    read = Visit(visit.cookie.replace(name, other, 1), session_cookie=other, **options)
    assert (await read.ask()).text == ('{"admin":true}' if name == other else "{}")


async def test_flags_of_the_cookie_can_be_read_and_changed() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["session"]["a"] = 1
        await PlainTextResponse("x")(scope, receive, send)

    middleware = SessionMiddleware(app, KEY, https_only=True)
    assert middleware.security_flags == "httponly; samesite=lax; secure"
    middleware.security_flags += "; priority=high"
    assert cookie_of(await call(middleware)).endswith("; httponly; samesite=lax; secure; priority=high")

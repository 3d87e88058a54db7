"""Lifespans of applications and of mounted applications."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from signette.applications import Application
from signette.exceptions import SignetteDeprecationWarning
from signette.middleware.registry import Middleware
from signette.responses.plain import PlainTextResponse
from signette.routing.host import Host
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.routing.router import Router
from tests.asgi import call, exchange


class Life:
    """A lifespan that records its steps and yields a state."""

    def __init__(self, log: list[str], name: str, state: Any = None) -> None:
        self.log, self.name, self.state = log, name, state

    @asynccontextmanager
    async def __call__(self, app: Any) -> AsyncIterator[Any]:
        self.log.append(f"{self.name} up")
        yield self.state
        self.log.append(f"{self.name} down")


async def live(app: Any, while_up: Any = None, **scope: Any) -> tuple[list[Any], BaseException | None, dict[str, Any]]:
    """Run the lifespan protocol; `while_up` is awaited between startup and shutdown."""
    scope = {"type": "lifespan", "state": {}, **scope}
    scope = {key: value for key, value in scope.items() if value is not None}

    async def serve(message: Any) -> None:
        if while_up is not None and message["type"] == "lifespan.startup.complete":
            await while_up(scope)

    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    found = await exchange(app, scope, *messages, on_send=serve)
    return found.messages, found.error, scope


DONE = ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_the_lifespan_runs_around_the_requests_and_yields_their_state() -> None:
    log: list[str] = []
    app = Application(lifespan=Life(log, "app", {"db": 1}))
    sent, raised, scope = await live(app)
    assert [one["type"] for one in sent] == DONE
    assert (raised, log, scope["state"]) == (None, ["app up", "app down"], {"db": 1})


async def test_the_protocol_is_handled_without_a_lifespan() -> None:
    for app in (Router(), Application(), Application(middleware=[Middleware(lambda app: app)])):
        sent, _, _ = await live(app)
        assert [one["type"] for one in sent] == DONE


async def test_a_state_that_the_server_does_not_support_is_an_error() -> None:
    sent, raised, _ = await live(Router(lifespan=Life([], "app", {"db": 1})), state=None)
    assert sent[0]["type"] == "lifespan.startup.failed"
    assert str(raised) == 'The server does not support "state" in the lifespan scope.'


@pytest.mark.parametrize("fails", ["startup", "shutdown"])
async def test_a_failure_is_sent_with_its_traceback_and_raised(fails: str) -> None:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        if fails == "startup":
            raise ValueError("too early")
        yield
        raise ValueError("too late")

    sent, raised, _ = await live(Router(lifespan=lifespan))
    assert sent[-1]["type"] == f"lifespan.{fails}.failed"
    assert "Traceback" in sent[-1]["message"]
    assert str(raised) in sent[-1]["message"]


async def test_generator_functions_are_deprecated_and_work() -> None:
    log: list[str] = []

    async def generator(app: Any) -> AsyncIterator[Any]:
        log.append("up")
        yield {"a": 1}
        log.append("down")

    def plain(app: Any) -> Iterator[Any]:
        log.append("up")
        yield {"a": 1}
        log.append("down")

    for lifespan, word in ((generator, "async generator"), (plain, "generator")):
        with pytest.warns(SignetteDeprecationWarning, match=f"^{word} function lifespans are deprecated"):
            app = Application(lifespan=lifespan)  # type: ignore[arg-type]
        _, _, scope = await live(app)
        assert scope["state"] == {"a": 1}
    assert log == ["up", "down"] * 2


async def test_lifespans_of_mounted_applications_run_inside_the_outer_one_with_their_state() -> None:
    log: list[str] = []

    async def show(request: Any) -> Any:
        return PlainTextResponse(f"{request.scope['state']}")

    deep = Application(routes=[Route("/", show)], lifespan=Life(log, "deep", {"deep": 3}))
    inner = Application(routes=[Route("/", show), Mount("/deep", deep)], lifespan=Life(log, "inner", {"inner": 2}))
    hosted = Router([Route("/", show)], lifespan=Life(log, "hosted"))
    app = Application(
        routes=[
            Mount("/a", inner),
            Mount("/b", inner, middleware=[Middleware(lambda app: Wrapped(app))]),
            Mount("/wrapped", Wrapped(hosted)),
            Host("x", hosted),
            Route("/", show),
        ],
        lifespan=Life(log, "app", {"app": 1}),
    )
    texts: list[str] = []

    async def requests(scope: Any) -> None:
        paths = ("/", "/a/", "/b/", "/a/deep/")
        texts.extend([(await call(app, path, state=dict(scope["state"]))).text for path in paths])

    sent, raised, _ = await live(app, requests)
    assert raised is None
    assert [one["type"] for one in sent] == DONE
    assert texts == [
        "{'app': 1}",
        "{'app': 1, 'inner': 2}",
        "{'app': 1, 'inner': 2}",
        "{'app': 1, 'inner': 2, 'deep': 3}",
    ]
    ups = ["app up", "inner up", "deep up", "hosted up"]
    assert log == ups + [step.replace("up", "down") for step in reversed(ups)]
    assert (await call(app, "/a/", state={})).text == "{}"


class Wrapped:
    """Middleware with the attribute `app`."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


async def test_a_lifespan_shared_with_the_outer_application_runs_once() -> None:
    log: list[str] = []
    life = Life(log, "shared")
    inner = Application(lifespan=life)
    await live(Application(routes=[Mount("/a", inner)], lifespan=inner.router.lifespan_context))
    assert log == ["shared up", "shared down"]


async def test_run_lifespan_false_does_not_run_the_lifespan_of_a_mount() -> None:
    log: list[str] = []
    await live(Application(routes=[Mount("/a", Application(lifespan=Life(log, "inner")), run_lifespan=False)]))
    assert log == []


async def test_an_application_without_a_lifespan_can_be_mounted() -> None:
    async def plain(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError(scope["type"])

    loop = Wrapped(None)
    loop.app = loop
    _, raised, _ = await live(Application(routes=[Mount("/a", plain), Mount("/b", loop)]))
    assert raised is None


async def test_started_applications_stop_if_a_mounted_one_fails_to_start() -> None:
    log: list[str] = []

    @asynccontextmanager
    async def broken(app: Any) -> AsyncIterator[None]:
        raise ValueError("broken")
        yield

    @asynccontextmanager
    async def careful(app: Any) -> AsyncIterator[None]:
        try:
            yield
        finally:
            log.append("stopped")

    app = Application(routes=[Mount("/a", Application(lifespan=broken))], lifespan=careful)
    sent, raised, _ = await live(app)
    assert [one["type"] for one in sent] == ["lifespan.startup.failed"]
    assert (str(raised), log) == ("broken", ["stopped"])

"""Channels: messages from publishers to subscribers, streams that resume, and topics of path parameters."""

import gc
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import anyio
import pytest
from pydantic import BaseModel

from signette.app import App
from signette.channels import Channel, Feed, InvalidMessage, MessagesMissed, Topic
from signette.compat import FastAPIErrors
from signette.declarative.channels import feed as feeds
from signette.declarative.signature.marker_functions import Depends
from signette.events import Events, ServerSentEvent
from signette.state import Backend, MemoryBus, StateUnavailable
from tests.asgi import JSON, call, fetch
from tests.connected import streaming


class Notice(BaseModel):
    text: str


class Alert(BaseModel):
    level: int


Notices = Annotated[Channel[Notice], Topic("notices/{user_id}")]


def app_with(*, bus: Any = None) -> App:
    """An application that publishes and streams the notices of a user."""
    app = App(state=Backend(overrides={"events": bus if bus is not None else MemoryBus(max_messages=3)}))

    @app.post("/notices/{user_id}")
    async def publish(user_id: int, notice: Notice, notices: Notices) -> str:
        return await notices.publish(notice)

    @app.get("/notices/{user_id}")
    async def stream(user_id: int, notices: Notices) -> Events[Notice]:
        return notices.subscribe()

    return app


def notices_of(app: App, user_id: int = 7) -> Channel[Notice]:
    return app.channel(Notice, "notices/{user_id}", values={"user_id": user_id})


async def test_a_published_message_reaches_each_subscriber_with_its_id() -> None:
    app = app_with()
    async with streaming(app, "/notices/7") as one, streaming(app, "/notices/007") as other:
        assert (await one.event(comments=True), await other.event(comments=True)) == ({"": "subscribed"},) * 2
        response = await fetch(app, "POST /notices/7", b'{"text": "hello"}', JSON)
        expected = {"event": "Notice", "id": response.text, "data": '{"text":"hello"}'}
        assert (await one.event(), await other.event()) == (expected, expected)


async def test_a_message_of_another_topic_is_not_received() -> None:
    app = app_with()
    async with streaming(app, "/notices/7") as client:
        await client.event(comments=True)
        await notices_of(app, 8).publish(Notice(text="for another"))
        await notices_of(app, 7).publish(Notice(text="for this one"))
        event = await client.event()
        assert event is not None
        assert event["data"] == '{"text":"for this one"}'


async def test_a_stream_resumes_after_the_last_event_id() -> None:
    app = app_with()
    first, *others = [await notices_of(app).publish(Notice(text=str(number))) for number in range(3)]
    async with streaming(app, "/notices/7", {"Last-Event-ID": first}) as client:
        assert [(await client.event())["id"] for _ in others] == others


@pytest.mark.parametrize("last", ["unknown", "1-1", "9" * 5000, "\xff"])
async def test_a_client_whose_last_event_is_not_kept_receives_an_event_missed(last: str) -> None:
    app = app_with()
    async with streaming(app, "/notices/7", {"Last-Event-ID": last}) as client:
        assert await client.event() == {"event": "missed", "data": "{}"}
        await notices_of(app).publish(Notice(text="new"))
        event = await client.event()
        assert event is not None
        assert event["event"] == "Notice"


async def test_a_slow_client_misses_the_oldest_messages_and_delays_no_other() -> None:
    app = app_with()
    async with streaming(app, "/notices/7") as slow, streaming(app, "/notices/7") as fast:
        await slow.event(comments=True)
        await fast.event(comments=True)
        slow.reads = anyio.Event()
        for number in range(10):
            await notices_of(app).publish(Notice(text=str(number)))
            event = await fast.event()
            assert event is not None
            assert event["data"] == f'{{"text":"{number}"}}'
        slow.reads.set()
        received = [await slow.event() for _ in range(5)]
        texts = [json.loads(each["data"]).get("text", each["event"]) for each in received if each is not None]
        assert texts == ["0", "missed", "7", "8", "9"]


async def test_a_stream_that_closes_on_missed_messages_resets_the_last_event_id() -> None:
    app = App()

    @app.get("/")
    async def stream(notices: Annotated[Channel[Notice], Topic(on_missed="close")]) -> Events[Notice]:
        return notices.subscribe()

    async with streaming(app, "/", {"Last-Event-ID": "gone"}) as client:
        await notices_outside(app).publish(Notice(text="new"))
        assert await client.event() == {"event": "missed", "id": "", "data": "{}"}
        assert await client.event() is None


def notices_outside(app: App) -> Channel[Notice]:
    return app.channel(Notice, "notices")


async def test_a_generator_sends_the_ids_of_the_messages_that_it_has_read() -> None:
    app = App()

    @app.get("/")
    async def stream(notices: Channel[Notice]) -> Events[Notice]:
        async for notice in notices.subscribe():
            if notice.text != "dropped":
                yield notice

    async with streaming(app, "/", {"Last-Event-ID": "gone"}) as client:
        await anyio.wait_all_tasks_blocked()
        for text in ("dropped", "sent"):
            last = await notices_outside(app).publish(Notice(text=text))
        assert await client.event() == {"event": "missed", "data": "{}"}
        assert await client.event() == {"event": "Notice", "id": last, "data": '{"text":"sent"}'}


async def test_own_ids_of_events_are_kept() -> None:
    app = App()

    @app.get("/")
    async def stream(notices: Channel[Notice]) -> AsyncIterator[ServerSentEvent]:
        async for notice in notices.subscribe():
            yield ServerSentEvent(notice, id="own")

    async with streaming(app, "/") as client:
        await anyio.wait_all_tasks_blocked()
        await notices_outside(app).publish(Notice(text="n"))
        assert await client.event() == {"id": "own", "data": '{"text":"n"}'}


async def test_a_channel_is_injected_into_dependencies_and_guards() -> None:
    app = App()

    async def announce(text: str, notices: Notices) -> str:
        return await notices.publish(Notice(text=text))

    @app.post("/{user_id}", dependencies=[Depends(announce)])
    async def endpoint(user_id: int, announced: Annotated[str, Depends(announce)]) -> str:
        return announced

    async with notices_of(app).subscribe() as feed:
        response = await fetch(app, "POST /7?text=hi")
        assert (await anext(feed)).text == "hi"
        assert feed.last_id == response.text


async def test_functions_outside_of_requests_have_channels() -> None:
    app = App()

    async def send(text: str, notices: Channel[Notice]) -> str:
        return await notices.publish(Notice(text=text))

    async with notices_outside(app).subscribe() as feed, app.scope() as scope:
        await scope.call(send, text="from a script")
        assert (await anext(feed)).text == "from a script"


async def test_a_union_is_one_topic_for_messages_of_several_types() -> None:
    channel = App().channel(Notice | Alert, "events")
    async with channel.subscribe() as feed:
        await channel.publish(Alert(level=3))
        await channel.publish(Notice(text="n"))
        assert [await anext(feed), await anext(feed)] == [Alert(level=3), Notice(text="n")]


async def test_an_invalid_message_is_not_published() -> None:
    app = App()
    async with notices_outside(app).subscribe() as feed:
        with pytest.raises(InvalidMessage, match="not a valid `Notice`"):
            await notices_outside(app).publish({"txt": 1})  # type: ignore[arg-type]  # the error under test
        with pytest.raises(InvalidMessage, match="`float`"):
            await app.channel(float, "notices").publish(float("nan"))
        await notices_outside(app).publish(Notice(text="n"))
        assert (await anext(feed)).text == "n"


async def test_a_message_of_another_program_that_is_invalid_is_skipped_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = App()
    async with notices_outside(app).subscribe() as feed:
        await app.channel(int, "notices").publish(3)
        await notices_outside(app).publish(Notice(text="n"))
        assert (await anext(feed)).text == "n"
    (record,) = caplog.records
    assert "of the topic 'notices' is skipped" in record.getMessage()


async def test_a_message_is_published_even_if_the_request_fails_later() -> None:
    app = App()

    @app.post("/")
    async def endpoint(notices: Channel[Notice]) -> None:
        await notices.publish(Notice(text="published"))
        raise ZeroDivisionError

    async with notices_outside(app).subscribe() as feed:
        assert (await call(app, "/", "POST")).status == 500
        assert (await anext(feed)).text == "published"


# -- subscriptions end -------------------------------------------------------------------------------------------------


class Counted(MemoryBus):
    """Counts the subscriptions that are open."""

    count = 0

    def subscribe(self, topic: str, *, after: str | None = None) -> Any:
        inner = super().subscribe(topic, after=after)
        bus = self

        class Block:
            async def __aenter__(self) -> Any:
                bus.count += 1
                return await inner.__aenter__()

            async def __aexit__(self, *exc: object) -> None:
                bus.count -= 1
                await inner.__aexit__(*exc)

        return Block()


async def test_a_subscription_ends_when_its_client_leaves() -> None:
    bus = Counted()
    app = app_with(bus=bus)
    async with streaming(app, "/notices/7") as client:
        await client.event(comments=True)
        assert bus.count == 1
        await client.leave()
        assert bus.count == 0


async def test_a_subscription_that_was_not_read_to_its_end_is_closed_with_the_request() -> None:
    bus = Counted()
    app = App(state=Backend(overrides={"events": bus}))
    kept: list[Feed[Notice]] = []

    @app.post("/")
    async def endpoint(notices: Channel[Notice]) -> str:
        feed = notices.subscribe()
        kept.append(feed)
        await feed.__aenter__()
        await notices.publish(Notice(text="first"))
        async for notice in feed:
            assert bus.count == 1
            return notice.text
        return "none"

    assert (await fetch(app, "POST /")).text == "first"
    assert bus.count == 0
    with pytest.raises(StopAsyncIteration):
        await anext(kept[0])
    kept.clear()
    gc.collect()


async def test_a_stream_that_is_never_started_opens_nothing() -> None:
    bus = Counted()
    app = app_with(bus=bus)
    assert (await call(app, "/notices/7", "HEAD")).status == 200
    assert bus.count == 0


# -- the bus cannot be used --------------------------------------------------------------------------------------------


class Broken(MemoryBus):
    """Fails as often as `failures` says, each time that a message is read."""

    failures = 0

    def subscribe(self, topic: str, *, after: str | None = None) -> Any:
        inner, bus = super().subscribe(topic, after=after), self

        class Reads:
            missed = False

            def __init__(self, subscription: Any) -> None:
                self.subscription = subscription

            async def __anext__(self) -> Any:
                if bus.failures:
                    bus.failures -= 1
                    raise StateUnavailable("no connection")
                return await anext(self.subscription)

        class Block:
            async def __aenter__(self) -> Any:
                return Reads(await inner.__aenter__())

            async def __aexit__(self, *exc: object) -> None:
                await inner.__aexit__(*exc)

        return Block()


@pytest.fixture(autouse=True)
def no_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "RETRY_SECONDS", (0, 0, 0))


async def test_subscribers_wait_for_a_bus_that_cannot_be_used_and_log_it_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bus = Broken()
    channel = App(state=Backend(overrides={"events": bus})).channel(Notice, "notices")
    async with channel.subscribe() as one, channel.subscribe() as other:
        bus.failures = 2
        await channel.publish(Notice(text="n"))
        assert (await anext(one)).text == "n"
        bus.failures = 2
        assert (await anext(other)).text == "n"
    assert [each.getMessage() for each in caplog.records] == [
        "subscribers wait, because the bus cannot be used: no connection"
    ] * 2  # it could be used in between


async def test_a_subscriber_gives_up_when_the_bus_cannot_be_used_for_long() -> None:
    bus = Broken()
    channel = App(state=Backend(overrides={"events": bus})).channel(Notice, "notices")
    async with channel.subscribe() as feed:
        bus.failures = 4
        with pytest.raises(StateUnavailable):
            await anext(feed)
        await channel.publish(Notice(text="n"))
        assert (await anext(feed)).text == "n"


# -- missed messages ---------------------------------------------------------------------------------------------------


async def test_an_iteration_raises_if_messages_were_missed_and_can_go_on() -> None:
    app = App(state=Backend(overrides={"events": MemoryBus(max_messages=2)}))
    channel = app.channel(int, "numbers", on_missed="close")
    async with channel.subscribe() as feed:
        for number in range(5):
            await channel.publish(number)
        with pytest.raises(MessagesMissed) as raised:
            await anext(feed)
        assert (raised.value.topic, raised.value.code) == ("numbers", 1013)
        assert [await anext(feed), await anext(feed)] == [3, 4]


async def test_an_iteration_that_continues_marks_the_message_after_those_that_were_missed() -> None:
    app = App(state=Backend(overrides={"events": MemoryBus(max_messages=2)}))
    channel = app.channel(int, "numbers")
    async with channel.subscribe() as feed:
        for number in range(5):
            await channel.publish(number)
        assert [(await anext(feed), feed.missed), (await anext(feed), feed.missed)] == [(3, True), (4, False)]
        assert feed.misses == 1


# -- topics ------------------------------------------------------------------------------------------------------------


async def test_a_topic_has_the_value_of_a_path_parameter_and_not_its_spelling() -> None:
    app = App()

    @app.post("/{room}/{number:int}/{key}")
    async def publish(key: UUID, notices: Annotated[Channel[Notice], Topic("{room}/{number}/{key}")]) -> str:
        return notices.topic

    key = "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"
    response = await fetch(app, f"POST /a%2Fb%25%20%C3%A4/007/{key}")
    assert response.text == f"a%2Fb%25%20%C3%A4/7/{key.lower()}"


async def test_an_invalid_path_parameter_is_an_error_as_without_a_channel() -> None:
    response = await fetch(app_with(), "POST /notices/x", b'{"text": "hello"}', JSON)
    assert (response.status, response.errors) == (422, [("path", "user_id", "int_parsing")])


async def test_a_channel_outside_of_requests_needs_a_value_for_each_name() -> None:
    with pytest.raises(ValueError, match=r"no value; pass it: `values=\{'user_id': \.\.\.\}"):
        App().channel(Notice, "notices/{user_id}")


async def test_a_route_that_is_called_without_an_application_has_a_bus_of_its_own() -> None:
    app = app_with()
    (route,) = [route for route in app.routes if "POST" in (route.methods or ())]
    response = await fetch(route, "POST /notices/7", b'{"text": "hello"}', JSON)
    assert response.status == 200


# -- the state cannot be used ------------------------------------------------------------------------------------------


class Gone(MemoryBus):
    """Can neither publish nor subscribe."""

    async def publish(self, topic: str, data: bytes, *, key: str | None = None) -> str:
        raise StateUnavailable("no connection")

    def subscribe(self, topic: str, *, after: str | None = None) -> Any:
        class Block:
            async def __aenter__(self) -> Any:
                raise StateUnavailable("no connection")

            async def __aexit__(self, *exc: object) -> None: ...

        return Block()


@pytest.mark.parametrize("request_line", ["POST /notices/7", "GET /notices/7"])
async def test_a_request_without_the_state_is_a_503_and_logged_once(
    request_line: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = app_with(bus=Gone())
    for _ in range(3):
        response = await fetch(app, request_line, b'{"text": "hello"}', JSON)
        assert (response.status, response["retry-after"]) == (503, "1")
        assert response.json["title"] == "Service Unavailable"
    assert [each.getMessage() for each in caplog.records] == [
        "requests are rejected with 503, because the state cannot be used: no connection"
    ]


async def test_a_request_without_the_state_has_the_error_format_of_the_application() -> None:
    app = App(state=Backend(overrides={"events": Gone()}), errors=FastAPIErrors())
    app.post("/")(publish_one)
    assert (await fetch(app, "POST /")).json == {"detail": "Service Unavailable"}


async def publish_one(notices: Channel[Notice]) -> str:
    return await notices.publish(Notice(text="n"))


async def test_a_channel_that_does_not_resume_sends_no_ids_but_says_what_was_missed() -> None:
    app = App(state=Backend(overrides={"events": MemoryBus(max_messages=1)}))

    @app.get("/")
    async def stream(notices: Annotated[Channel[int], Topic("numbers", resume=False)]) -> Events[int]:
        return notices.subscribe()

    channel = app.channel(int, "numbers")
    await channel.publish(0)
    async with streaming(app, "/", {"Last-Event-ID": "gone"}) as client:
        await client.event(comments=True)
        client.reads = anyio.Event()
        for number in range(1, 4):
            await channel.publish(number)
            await anyio.wait_all_tasks_blocked()
        client.reads.set()
        assert [await client.event() for _ in range(3)] == [
            {"data": "1"},
            {"event": "missed", "data": "{}"},
            {"data": "3"},
        ]


async def test_a_subscription_of_a_channel_that_is_no_parameter_sends_ids() -> None:
    app = App()

    @app.get("/")
    async def stream() -> Events[int]:
        return app.channel(int, "numbers").subscribe()

    async with streaming(app, "/") as client:
        await client.event(comments=True)
        last = await app.channel(int, "numbers").publish(1)
        assert await client.event() == {"id": last, "data": "1"}


class Unhashable(Broken):
    """A bus that an application defines."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]


async def test_event_streams_stay_open_however_long_the_bus_cannot_be_used() -> None:
    bus = Unhashable()
    app = app_with(bus=bus)
    async with streaming(app, "/notices/7") as client:
        await client.event(comments=True)
        bus.failures = 20
        for text in ("wakes the subscriber", "received"):
            await notices_of(app).publish(Notice(text=text))
        for text in ("wakes the subscriber", "received"):
            event = await client.event()
            assert event is not None
            assert event["data"] == f'{{"text":"{text}"}}'


async def test_a_generator_that_must_not_miss_messages_ends_with_an_event() -> None:
    app = App()

    @app.get("/")
    async def stream(notices: Annotated[Channel[Notice], Topic(on_missed="close")]) -> Events[Notice]:
        async for notice in notices.subscribe():
            yield notice

    async with streaming(app, "/", {"Last-Event-ID": "gone"}) as client:
        assert await client.event() == {"event": "missed", "id": "", "data": "{}"}
        assert await client.event() is None

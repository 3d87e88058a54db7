"""`Channel`: publish and subscribe to typed messages of a topic."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Generic, TypeVar

from anyio import create_task_group

from signette._http.json import dumps
from signette.concurrency import run_alongside
from signette.declarative.adapters.messages import Codec
from signette.declarative.channels.feed import SERVICE_RESTART, TRY_AGAIN_LATER, Feed, MessagesMissed
from signette.declarative.signature.topics import OnMissed
from signette.declarative.sockets.socket import Socket
from signette.state.bus import Bus
from signette.state.unavailable import StateUnavailable
from signette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected, WebSocketState

T = TypeVar("T")


class Channel(Generic[T]):
    """Typed messages of one topic, for all processes that share the state of the application.

    Declare a parameter of this type, with the type of the messages: `notices: Channel[Notice]`. The topic is the name
    of the parameter, or that of a `Topic`. Outside of requests, use `app.channel(Notice, "notices")`.
    """

    __slots__ = (
        "_after",
        "_bus_of",
        "_codec",
        "_ends_with_process",
        "_feeds",
        "_gives_up",
        "_resumes",
        "on_missed",
        "topic",
    )

    def __init__(
        self,
        bus_of: Callable[[], Bus],
        topic: str,
        codec: Codec,
        on_missed: OnMissed = "continue",
        after: str | None = None,
        feeds: list[Feed[Any]] | None = None,
        resumes: bool = False,
        ends_with_process: bool = False,
        gives_up: bool = True,
    ) -> None:
        self.topic = topic
        self.on_missed: OnMissed = on_missed
        self._bus_of = bus_of
        self._codec = codec
        self._after = after
        self._feeds = feeds
        self._resumes = resumes
        self._ends_with_process = ends_with_process
        self._gives_up = gives_up

    async def publish(self, message: T, *, key: str | None = None) -> str:
        """Validate a message and send it to all subscribers, at once. Returns its id.

        A request that fails later does not take it back. If it may run again, use a `key`: messages of the topic with
        the same key are sent once, as long as the first is kept.

        Raises:
            InvalidMessage: the message is not of the channel's type.
            StateUnavailable: the bus cannot be used.
        """
        return await self._bus_of().publish(self.topic, self._codec.encode(message), key=key)

    def subscribe(self, *, after: str | None = None) -> Feed[T]:
        """The messages from now on, or those that followed the id `after`: `async for notice in notices.subscribe()`.

        In an endpoint that streams server-sent events, `after` is the client's `Last-Event-ID` by default.
        """
        start = self._after if after is None else after
        feed: Feed[T] = Feed(
            self._bus_of(), self.topic, self._codec, start, self.on_missed,
            resumes=self._resumes, ends_with_process=self._ends_with_process, gives_up=self._gives_up,
        )  # fmt: skip
        if self._feeds is not None:
            self._feeds.append(feed)
        return feed

    def _subscribe_until_end(self, after: str | None) -> Feed[T]:
        """A feed that ends with the process, also of a channel outside of requests."""
        feed = self.subscribe(after=after)
        feed._ends_with_process = True
        return feed

    async def forward(
        self, websocket: WebSocket | Socket[Any, T], *, after: str | None = None, ids: bool = False
    ) -> None:
        """Send each message to a WebSocket, as JSON, until the client disconnects. Messages of the client are dropped.

        Subscribes, and then accepts the WebSocket if that was not done. With `ids=True` each message is an object
        with `id` and `data`, so that the client can pass the last id as `after` when it connects again.

        The WebSocket is closed with 1012 when the process ends, with 1013 if the bus cannot be used, and with 1013 if
        messages were missed. A channel that continues then sends an object with `missed` in their place, with
        `ids=True`.
        """
        websocket = _websocket_of(websocket)
        async with self._subscribe_until_end(after) as feed:
            await _accept(websocket)
            await run_alongside(lambda: self._send_all(feed, websocket, ids), lambda: _until_disconnect(websocket))

    @asynccontextmanager
    async def forwarding(
        self, websocket: WebSocket | Socket[Any, T], *, after: str | None = None, ids: bool = False
    ) -> AsyncGenerator[None]:
        """The same during an `async with` block, in which you receive what the client sends.

        The block is cancelled when the WebSocket is closed.
        """
        failures: list[Exception] = []
        websocket = _websocket_of(websocket)
        async with self._subscribe_until_end(after) as feed:
            await _accept(websocket)
            async with create_task_group() as group:

                async def send_all() -> None:
                    try:
                        await self._send_all(feed, websocket, ids)
                    except Exception as error:  # noqa: BLE001 - raised below, outside the group
                        failures.append(error)
                    group.cancel_scope.cancel()

                group.start_soon(send_all)
                try:
                    yield
                except Exception as error:  # noqa: BLE001 - raised below, outside the group
                    failures.insert(0, error)
                group.cancel_scope.cancel()
        if failures:
            try:
                raise failures[0]
            finally:
                failures.clear()  # breaks the reference cycle of the traceback and this frame

    async def _send_all(self, feed: Feed[T], websocket: WebSocket, ids: bool) -> None:
        """Send messages until the client disconnects, or until the WebSocket must be closed."""
        try:
            while True:
                text = (await feed._next_data()).decode()
                if feed.missed and ids:
                    await websocket.send_text('{"missed":true}')
                await websocket.send_text(f'{{"id":{dumps(feed.last_id).decode()},"data":{text}}}' if ids else text)
        except MessagesMissed as missed:
            await _close(websocket, missed.code, missed.reason)
        except (WebSocketDisconnect, WebSocketDisconnected):
            return
        except StopAsyncIteration:
            await _close(websocket, SERVICE_RESTART, "The server restarts")
        except StateUnavailable:
            await _close(websocket, TRY_AGAIN_LATER, "Try again later")

    def __repr__(self) -> str:
        return f"<Channel {self.topic!r}>"


def _websocket_of(websocket: "WebSocket | Socket[Any, Any]") -> WebSocket:
    if not isinstance(websocket, Socket):
        return websocket
    if not websocket.sends_json:
        raise TypeError("the messages of a channel are JSON; forward them to a `Socket` whose second type is no `str`")
    return websocket.websocket


async def _accept(websocket: WebSocket) -> None:
    if websocket.application_state is WebSocketState.CONNECTING:
        await websocket.accept()


async def _close(websocket: WebSocket, code: int, reason: str) -> None:
    if websocket.application_state is WebSocketState.CONNECTED:
        with suppress(WebSocketDisconnect):  # the connection broke meanwhile
            await websocket.close(code, reason)


async def _until_disconnect(websocket: WebSocket) -> None:
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass

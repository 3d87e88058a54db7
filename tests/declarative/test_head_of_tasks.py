"""HEAD of responses that send from tasks: the header fields are sent, and all that follows a response still runs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import anyio
import pytest

from signette.app import App
from signette.background import BackgroundTask, BackgroundTasks
from signette.declarative.signature.marker_functions import Depends
from signette.exceptions import ClientDisconnect
from signette.responses import Response, StreamingResponse
from tests.asgi import fetch
from tests.timeouts import SECONDS

START = {"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"1")]}
CHUNK = {"type": "http.response.body", "body": b"x", "more_body": True}
LAST = {"type": "http.response.body", "body": b"", "more_body": False}


async def pieces(send: Any, count: int | None = None) -> None:
    await send(START)
    while count is None or count > 0:
        await send(CHUNK)
        count = None if count is None else count - 1
    await send(LAST)


class _Response(Response):
    """A response that sends on its own."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.stream(receive, send)
        if self.background is not None:
            await self.background()

    async def stream(self, receive: Any, send: Any) -> None:
        raise NotImplementedError


class InGroup(_Response):
    async def stream(self, receive: Any, send: Any) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(pieces, send)


class Short(_Response):
    async def stream(self, receive: Any, send: Any) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(pieces, send, 0)


class RacingAListener(_Response):
    """As packages for server-sent events do it: whichever ends first cancels the other."""

    async def stream(self, receive: Any, send: Any) -> None:
        async with anyio.create_task_group() as group:

            async def listen() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                group.cancel_scope.cancel()

            group.start_soon(listen)
            await pieces(send)


class Nested(_Response):
    async def stream(self, receive: Any, send: Any) -> None:
        async with anyio.create_task_group() as outer:
            outer.start_soon(anyio.sleep_forever)
            async with anyio.create_task_group() as inner:
                inner.start_soon(pieces, send)


class BySeveralTasks(_Response):
    """Each of them is notified that the response is over."""

    async def stream(self, receive: Any, send: Any) -> None:
        await send(START)

        async def forever() -> None:
            try:
                while True:
                    await send(CHUNK)
            finally:
                with anyio.CancelScope(shield=True):
                    await send(LAST)

        async with anyio.create_task_group() as group:
            group.start_soon(forever)
            group.start_soon(forever)


class LogsErrors(_Response):
    """Takes each exception for its own failure, and goes on."""

    async def stream(self, receive: Any, send: Any) -> None:
        await send(START)
        for _ in range(3):
            try:
                await send(CHUNK)
            except Exception as exc:
                raise AssertionError("HEAD is no error") from exc


class StreamInGroup(StreamingResponse):
    """A subclass that sends its pieces from a task."""

    def __init__(self) -> None:
        super().__init__(iter(()))

    async def stream_response(self, send: Any) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(super().stream_response, send)


class StreamOfItsOwn(StreamingResponse):
    def __init__(self) -> None:
        super().__init__(iter(()))

    async def stream_response(self, send: Any) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(pieces, send)


KINDS = [InGroup, Short, RacingAListener, Nested, BySeveralTasks, LogsErrors, StreamInGroup, StreamOfItsOwn]


def app_returning(make: Callable[[], Response], log: list[str]) -> App:
    """An endpoint under dependencies that commit, with work after the response on each way there is."""
    app = App()

    def transaction(name: str) -> Any:
        async def opened() -> AsyncIterator[None]:
            try:
                yield
            except BaseException:
                log.append(f"{name} rolled back")
                raise
            log.append(f"{name} committed")

        return opened

    def in_thread() -> Iterator[None]:
        try:
            yield
        except BaseException:
            log.append("thread rolled back")
            raise
        log.append("thread committed")

    @app.get("/", dependencies=[Depends(transaction("async")), Depends(in_thread)])
    async def endpoint(
        early: Annotated[None, Depends(transaction("function"), scope="function")], tasks: BackgroundTasks
    ) -> Response:
        response = make()
        response.background = BackgroundTask(log.append, "own background")
        tasks.add_task(log.append, "injected background")
        return response

    return app


ALL = ["function committed", "own background", "injected background", "thread committed", "async committed"]


@pytest.mark.parametrize("make", KINDS)
async def test_head_of_a_response_that_sends_from_tasks_ends_as_a_response_does(make: Any) -> None:
    log: list[str] = []
    with anyio.fail_after(SECONDS):
        response = await fetch(app_returning(make, log), "HEAD /", log=log)
    assert (response.status, response.body) == (200, b"")
    assert log.count("sent") == 1
    assert [entry for entry in log if entry != "sent"] == ALL


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_head_of_a_response_that_sends_from_a_task_group_of_asyncio(anyio_backend: str) -> None:
    class InTasks(_Response):
        async def stream(self, receive: Any, send: Any) -> None:
            async with asyncio.TaskGroup() as outer:
                outer.create_task(asyncio.sleep(60))
                async with asyncio.TaskGroup() as inner:
                    inner.create_task(pieces(send))

    log: list[str] = []
    assert (await fetch(app_returning(InTasks, log), "HEAD /")).status == 200
    assert log == ALL


async def test_an_error_next_to_it_is_still_an_error() -> None:
    class Failing(_Response):
        async def stream(self, receive: Any, send: Any) -> None:
            async with anyio.create_task_group() as group:
                group.start_soon(pieces, send)
                try:
                    await anyio.sleep_forever()
                finally:
                    raise ZeroDivisionError

    log: list[str] = []
    with pytest.raises(ExceptionGroup) as caught:
        await fetch(app_returning(Failing, log), "HEAD /")
    assert [type(each) for each in caught.value.exceptions] == [ZeroDivisionError]
    assert log == ["function committed", "thread rolled back", "async rolled back"]


async def test_a_disconnect_during_head_is_not_the_end_of_head() -> None:
    """Neither is a group that holds nothing of HEAD."""

    class Left(_Response):
        async def stream(self, receive: Any, send: Any) -> None:
            raise ExceptionGroup("", [ClientDisconnect()])

    log: list[str] = []
    await fetch(app_returning(Left, log), "HEAD /")
    assert log == ["function committed", "thread rolled back", "async rolled back"]

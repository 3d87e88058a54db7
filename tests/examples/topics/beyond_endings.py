"""Differences in how a request ends: further rows of the table in `beyond`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Annotated

import anyio
import anyio.abc
import fastapi
import pytest

import signette
from tests.examples.topics.beyond import both, row


class Lost(Exception):
    """A background task could not do its work."""


@row(
    "a background task that fails ends the others, and is raised inside of `yield` dependencies, which roll back",
    "the others run, dependencies end as after any response, and then it is raised",
    "put what must stop together into one task",
)
def failed_background_tasks() -> None:
    log: list[str] = []

    def transaction() -> Iterator[None]:
        try:
            yield
        except Lost:
            log.append("rolled back")
            raise
        log.append("committed")

    def fails() -> None:
        raise Lost

    found = []
    for client, of in zip(both(), (fastapi, signette), strict=True):

        @client.app.get("/", dependencies=[of.Depends(transaction)])
        async def endpoint(tasks: of.BackgroundTasks) -> int:
            tasks.add_task(fails)
            tasks.add_task(log.append, "done")
            return 1

        with pytest.raises(Lost):
            client.get("/")
        found.append([*log])
        log.clear()
    assert found == [["rolled back"], ["done", "committed"]]


@row(
    "an exception of the endpoint inside the task group of a `yield` dependency becomes an `ExceptionGroup`, a 500",
    "if it is the only one, its own handler responds",
    "nothing",
)
def exceptions_in_task_groups() -> None:
    async def workers() -> AsyncIterator[anyio.abc.TaskGroup]:
        async with anyio.create_task_group() as tasks:
            yield tasks

    def failing(error: type[Exception]) -> Callable[[], Awaitable[None]]:
        async def endpoint() -> None:
            raise error(418)

        return endpoint

    there, here = both()
    for client, of in ((there, fastapi), (here, signette)):
        client.app.get("/", dependencies=[of.Depends(workers)])(failing(of.HTTPException))

    with pytest.raises(ExceptionGroup):
        there.get("/")
    assert here.get("/").status_code == 418


@row(
    "`yield` dependencies are entered in the order of the signature, with any `scope=`",
    'those with `scope="function"` are entered after the others, so that all end in the reverse order',
    "nothing: each is still entered after those that it needs",
)
def order_of_generators() -> None:
    log: list[str] = []

    def first() -> Iterator[None]:
        log.append("function")
        yield

    def second() -> Iterator[None]:
        log.append("request")
        yield

    found = []
    for client, of in zip(both(), (fastapi, signette), strict=True):
        one, other = of.Depends(first, scope="function"), of.Depends(second)

        @client.app.get("/")
        async def endpoint(one: Annotated[None, one], other: Annotated[None, other]) -> int:
            return 1

        client.get("/")
        found.append([*log])
        log.clear()
    assert found == [["function", "request"], ["request", "function"]]

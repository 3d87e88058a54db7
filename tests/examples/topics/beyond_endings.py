"""Differences in how a request ends: further rows of the table in `beyond`."""

from collections.abc import Iterator

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

"""Sync functions in dedicated threads and processes, next to one that has an open generator."""

from collections.abc import Iterator
from typing import Annotated

from signette import App, Depends, Process, Thread

app = App(executor=Thread(limit=8))
processes = Process(limit=2)


def session() -> Iterator[str]:
    yield "session"


def total(year: int) -> int:
    return year


@app.get("/reports/{year}")
def report(
    session: Annotated[str, Depends(session)], total: Annotated[int, Depends(total, executor=processes)]
) -> list[str]:
    return [session, str(total)]

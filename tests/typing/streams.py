"""Read by the checkers only: a stream keeps the type of its items."""

from typing import Annotated, assert_type

from signette import App, Items, Stream

app = App()


class Reading:
    station: str


@app.post("/async")
async def by_items(rows: Annotated[Stream[Reading], Items(on_error="skip", max_items=10)]) -> int:
    async for row in rows:
        assert_type(row, Reading)
    async for batch in rows.batches(500):
        assert_type(batch, list[Reading])
    assert_type([row.station async for row in rows], list[str])
    assert_type(rows.skipped, int)
    assert_type(rows.media_type, str)
    return rows.accepted


@app.post("/sync")
def in_thread(rows: Stream[int]) -> int:
    for batch in rows.batches(10):
        assert_type(batch, list[int])
    return sum(rows)


Items(on_error="ignore")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

"""A strong `ETag` that stays when the representation changes."""

from itertools import count

from signette import App, Tagged

app = App()
ticks = count()


@app.get("/ticks")
async def read_ticks() -> Tagged[int]:
    return Tagged(next(ticks), etag="v1")


REPORTED = {("entity-tag", "GET /ticks")}

"""Server-sent events with a name that is not declared."""

from pydantic import BaseModel

from signette import App
from signette.events import Events
from signette.responses import StreamingResponse


class Tick(BaseModel):
    number: int


app = App()


@app.get("/ticks", response_model=Events[Tick])
async def ticks() -> StreamingResponse:
    events = [b'event: Tick\ndata: {"number":1}\n\n', b'event: Tock\ndata: {"number":2}\n\n']
    return StreamingResponse(iter(events), media_type="text/event-stream")


REPORTED = {("events", "GET /ticks")}

"""A stream of JSON Lines, made by hand, with an item that does not fit the declared one."""

from collections.abc import Iterator

from pydantic import BaseModel

from signette import App
from signette.responses import StreamingResponse


class Row(BaseModel):
    number: int


app = App()


@app.get("/rows", response_model=Iterator[Row])
async def rows() -> StreamingResponse:
    lines = [b'{"number": 1}\n', b'{"number": "two"}\n']
    return StreamingResponse(iter(lines), media_type="application/jsonl")


REPORTED = {("declared-body", "GET /rows")}

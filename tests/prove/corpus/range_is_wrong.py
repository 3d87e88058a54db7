"""A 206 whose bytes are not those of the requested range."""

from typing import Annotated

from signette import App, Header
from signette.responses import Response

app = App()
CONTENT = b"0123456789"
BYTES = {"description": "The blob, or a part of it.", "content": {"application/octet-stream": {}}}


@app.get("/blob", responses={200: BYTES, 206: BYTES}, response_class=Response)
async def blob(range_: Annotated[str | None, Header(alias="Range")] = None) -> Response:
    if range_ == "bytes=1-2":
        headers = {"Content-Range": "bytes 1-2/10"}
        return Response(CONTENT[1:2], 206, headers, "application/octet-stream")
    return Response(CONTENT, 200, {"Accept-Ranges": "bytes"}, "application/octet-stream")


REPORTED = {("ranges", "GET /blob")}

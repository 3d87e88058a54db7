"""A `Content-Type` with a charset that does not exist."""

from signette import App
from signette.responses import PlainTextResponse

app = App()


@app.get("/menu")
async def menu() -> PlainTextResponse:
    return PlainTextResponse("tea", headers={"Content-Type": "text/plain; charset=utf-9"})


REPORTED = {("charset", "GET /menu")}

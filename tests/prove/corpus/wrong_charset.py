"""A text in Latin-1 that is declared as UTF-8."""

from signette import App
from signette.responses import PlainTextResponse

app = App()


@app.get("/menu")
async def menu() -> PlainTextResponse:
    return PlainTextResponse("Crème brûlée".encode("latin-1"))


REPORTED = {("charset", "GET /menu")}

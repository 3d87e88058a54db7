"""Two redirects that lead to each other."""

from signette import App
from signette.responses import RedirectResponse

app = App()


@app.get("/old")
async def old() -> RedirectResponse:
    return RedirectResponse("/new")


@app.get("/new")
async def new() -> RedirectResponse:
    return RedirectResponse("/old")


REPORTED = {("redirects", "GET /old"), ("redirects", "GET /new")}

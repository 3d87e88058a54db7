"""An error page in HTML that has the value that the client sent: reflected cross-site scripting."""

from signette import App
from signette.responses import HTMLResponse

app = App()
PAGE = {"description": "There is no page.", "content": {"text/html": {"schema": {"type": "string"}}}}


@app.get("/pages", response_class=HTMLResponse, responses={404: PAGE})
async def read_page(title: str) -> HTMLResponse:
    return HTMLResponse(f"<h1>There is no page {title}</h1>", status_code=404)


REPORTED = {("no-echo", "GET /pages")}

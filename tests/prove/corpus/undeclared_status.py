"""An endpoint that returns a `Response` with a status that is not declared."""

from signette import App
from signette.responses import JSONResponse, Response

app = App()


@app.get("/teapot", response_model=str)
async def teapot() -> Response:
    return JSONResponse("short and stout", status_code=418)


REPORTED = {("declared-status", "GET /teapot")}

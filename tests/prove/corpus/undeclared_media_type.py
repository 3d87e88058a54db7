"""An endpoint that returns a `Response` of another media type than the declared one."""

from signette import App
from signette.responses import Response

app = App()


@app.get("/report", response_model=list[int])
async def report() -> Response:
    return Response("<report/>", media_type="application/xml")


REPORTED = {("declared-media-type", "GET /report")}

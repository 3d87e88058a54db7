"""A problem whose member `status` is another one than the status of the response."""

from signette import App
from signette.responses import JSONResponse

app = App()
MISSING = {"description": "There is no shelf.", "content": {"application/problem+json": {}}}


@app.get("/shelf", response_model=int, responses={404: MISSING})
async def shelf() -> JSONResponse:
    body = {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": "There is no shelf."}
    return JSONResponse(body, status_code=404, media_type="application/problem+json")


REPORTED = {("problem", "GET /shelf")}

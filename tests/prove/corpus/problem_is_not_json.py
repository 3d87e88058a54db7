"""A problem that is not JSON at all: an error page of a proxy with the media type of a problem."""

from signette import App
from signette.responses import Response

app = App()
DOWN = {"description": "The shop is closed.", "content": {"application/problem+json": {}}}


@app.get("/shop", response_model=str, responses={503: DOWN})
async def shop() -> Response:
    return Response("<h1>Closed</h1>", status_code=503, media_type="application/problem+json")


REPORTED = {("declared-body", "GET /shop"), ("problem", "GET /shop")}

"""A route for HEAD whose `Content-Length` is 0, where GET has content."""

from signette import App
from signette.responses import Response

app = App()


@app.head("/words", include_in_schema=False)
async def head_of_words() -> Response:
    return Response(status_code=200, headers={"Content-Length": "0"})


@app.get("/words")
async def words() -> list[str]:
    return ["tea", "milk"]


REPORTED = {("head", "GET /words")}

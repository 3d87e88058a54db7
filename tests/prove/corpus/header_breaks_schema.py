"""A response header that does not fit its documented schema."""

from signette import App, Response

app = App()
TOTAL = {"X-Total": {"required": True, "schema": {"type": "integer"}}}


@app.get("/numbers", responses={200: {"headers": TOTAL}})
async def numbers(response: Response) -> list[int]:
    response.headers["X-Total"] = "three"
    return [1, 2, 3]


REPORTED = {("declared-headers", "GET /numbers")}

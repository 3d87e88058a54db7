"""A response without a header that its documentation requires."""

from signette import App

app = App()
TOTAL = {"X-Total": {"required": True, "schema": {"type": "integer"}}}


@app.get("/numbers", responses={200: {"headers": TOTAL}})
async def numbers() -> list[int]:
    return [1, 2, 3]


REPORTED = {("declared-headers", "GET /numbers")}

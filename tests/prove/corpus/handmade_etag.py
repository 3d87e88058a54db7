"""An endpoint that sets `ETag` itself, and never compares `If-None-Match`."""

from signette import App, Response

app = App()


@app.get("/prices")
async def prices(response: Response) -> dict[str, int]:
    response.headers["ETag"] = '"1"'
    return {"tea": 3}


REPORTED = {("not-modified", "GET /prices")}

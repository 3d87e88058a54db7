"""Response headers that no client can parse: a date in words, and an entity tag without quotes."""

from signette import App, Response

app = App()


@app.get("/words")
async def words(response: Response) -> list[str]:
    response.headers["Last-Modified"] = "yesterday"
    return ["tea"]


@app.get("/names")
async def names(response: Response) -> list[str]:
    response.headers["ETag"] = "v1"
    return ["ada"]


REPORTED = {("header-syntax", "GET /words"), ("header-syntax", "GET /names")}

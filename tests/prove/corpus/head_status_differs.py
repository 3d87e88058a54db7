"""A route for HEAD alone, which has another status than GET."""

from signette import App

app = App()


@app.head("/files/latest", status_code=204, include_in_schema=False)
async def head_of_file() -> None: ...


@app.get("/files/latest")
async def file() -> str:
    return "content"


REPORTED = {("head", "GET /files/latest")}

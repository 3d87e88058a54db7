"""Nothing asked, a dictionary answered: the least that a binder can be."""

from signette import App

app = App(openapi_url=None)


@app.get("/")
async def hello() -> dict[str, str]:
    return {"hello": "world"}

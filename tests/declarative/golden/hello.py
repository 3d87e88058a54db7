"""No parameter, and a dictionary as the result: the smallest binder."""

from signette import App

app = App(openapi_url=None)


@app.get("/")
async def hello() -> dict[str, str]:
    return {"hello": "world"}

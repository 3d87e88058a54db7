"""An endpoint that looks up an id without a check: a 500 where a 404 is meant."""

from signette import App

app = App()
NAMES = {1: "tea"}


@app.get("/names/{name_id}")
async def read_name(name_id: int) -> dict[str, str]:
    return {"name": NAMES[name_id]}


REPORTED = {("no-server-error", "GET /names/{name_id}")}

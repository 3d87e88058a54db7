"""A handler of OPTIONS whose `Allow` lacks a method."""

from signette import App
from signette.responses import Response

app = App()


@app.options("/items", include_in_schema=False)
async def options() -> Response:
    return Response(status_code=204, headers={"Allow": "GET"})


@app.get("/items")
async def items() -> list[int]:
    return [1]


@app.delete("/items")
async def delete_items() -> None: ...


REPORTED = {("options", "DELETE /items")}

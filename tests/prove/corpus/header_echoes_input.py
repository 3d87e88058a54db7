"""An error with a header that has the value that the client sent."""

from signette import App
from signette.exceptions import HTTPException

app = App()
NOTHING = {"description": "Nothing was found.", "content": {"application/problem+json": {}}}


@app.get("/search", responses={404: NOTHING})
async def search(query: str) -> list[str]:
    shown = query.encode("ascii", "ignore").decode()
    printable = "".join(character for character in shown if character.isprintable())
    raise HTTPException(404, headers={"X-Query": printable})


REPORTED = {("no-echo", "GET /search")}

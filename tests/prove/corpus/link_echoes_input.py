"""Errors whose `Link` has what the client sent: in its URL, which is sound, in its title, and a header in its URL."""

from typing import Annotated

from signette import App, Header
from signette.exceptions import HTTPException

app = App()
NOTHING = {"description": "Nothing was found.", "content": {"application/problem+json": {}}}


def shown(text: str) -> str:
    return "".join(character for character in text if character.isascii() and character.isalnum())


@app.get("/words/{word}", responses={404: NOTHING})
async def read_word(word: str) -> str:
    raise HTTPException(404, headers={"Link": f'</v2/words/{shown(word)}>; rel="successor-version"'})


@app.get("/search", responses={404: NOTHING})
async def search(query: str) -> str:
    raise HTTPException(404, headers={"Link": f'</search>; rel="self"; title="{shown(query)}"'})


@app.get("/own", responses={404: NOTHING})
async def own(x_key: Annotated[str, Header()]) -> str:
    raise HTTPException(404, headers={"Link": f'</keys/{shown(x_key)}>; rel="related"'})


REPORTED = {("no-echo", "GET /search"), ("no-echo", "GET /own")}

"""Cached responses that depend on a header, and on a parameter."""

from typing import Annotated

from signette import App, Header
from signette.policies import Cached

app = App()


@app.get("/greeting", policies=[Cached(60)])
async def greeting(accept_language: Annotated[str, Header()] = "en") -> str:
    return "Guten Tag" if accept_language.startswith("de") else "Good day"


@app.get("/shops/{shop}/items", policies=[Cached(60, stale_while_revalidate=5, tags=["shop:{shop}"])])
async def items(shop: int, page: int = 1) -> dict[str, int]:
    return {"shop": shop, "page": page}


REPORTED: set[tuple[str, str]] = set()

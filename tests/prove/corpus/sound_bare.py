"""Typed endpoints next to plain routes and mounted applications, under CORS and compression."""

from signette import App, Middleware
from signette.middleware.cors import CORSMiddleware
from signette.middleware.gzip import GZipMiddleware
from signette.requests import Request
from signette.responses import PlainTextResponse
from signette.routing import Mount, Route


async def plain(request: Request) -> PlainTextResponse:
    return PlainTextResponse("plain")


app = App(
    routes=[Route("/plain", plain), Mount("/below", routes=[Route("/", plain)])],
    middleware=[Middleware(CORSMiddleware, allow_origins=["https://shop.example"]), Middleware(GZipMiddleware)],
    etag=True,
)


@app.get("/items")
async def items(count: int = 1) -> list[str]:
    return ["a long text, so that it is compressed"] * max(0, min(count, 50))


@app.post("/items")
async def add_item(item: dict[str, int]) -> int:
    return len(item)


REPORTED: set[tuple[str, str]] = set()

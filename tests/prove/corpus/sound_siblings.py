"""Operations with siblings that take some of their paths: a plain route, a mount, a typed route, and one for HEAD."""

from typing import Annotated

from signette import App, JSONResponse, Path, PlainTextResponse, Request, Router

app = App()
files = Router(prefix="/files")


async def plain(request: Request) -> PlainTextResponse:
    return PlainTextResponse("a,b")


async def echo(request: Request) -> JSONResponse:
    return JSONResponse({"unknown": request.path_params["word"]}, 404)


@files.get("/export", status_code=202)
async def export() -> PlainTextResponse:
    return PlainTextResponse("a,b", 202)


@files.head("/{name}")
async def head_of_file(name: str) -> int:
    return len(name)


@files.get("/{name}")
async def read_file(name: Annotated[str, Path(examples=["export"])]) -> int:
    return len(name)


app.include_router(files, version="v1", deprecated=True)
app.include_router(files, version="v2")
app.add_route("/notes/export", plain)
app.mount("/tags/old", PlainTextResponse("a,b"))


@app.get("/notes/{name}")
async def read_note(name: Annotated[str, Path(examples=["export"])]) -> int:
    return len(name)


@app.get("/tags/{path:path}")
async def read_tag(path: Annotated[str, Path(examples=["old/1"])]) -> int:
    return len(path)


@app.get("/words/{number:int}")
async def read_word(number: int) -> int:
    return number


app.add_route("/words/{word}", echo)


REPORTED: set[tuple[str, str]] = set()

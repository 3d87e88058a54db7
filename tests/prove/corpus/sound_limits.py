"""Limits of bodies and of rates, and a deadline."""

from typing import Annotated

from signette import App, Body, Form, UploadFile
from signette.policies import Concurrency, Deadline, RateLimit

app = App(max_body_size=10_000)


@app.put("/words", max_body_size=200)
async def store_words(words: list[str]) -> int:
    return len(words)


@app.post("/blobs", max_body_size=100)
async def store_blob(body: Annotated[bytes, Body()]) -> int:
    return len(body)


@app.post("/forms")
async def send_form(name: Annotated[str, Form()], age: Annotated[int, Form()] = 0) -> dict[str, int]:
    return {"age": age}


@app.post("/files")
async def send_file(file: UploadFile) -> int:
    return len(await file.read())


@app.get("/quotes", policies=[RateLimit("10000/minute"), Deadline(20), Concurrency(100)])
async def quotes() -> list[str]:
    return ["tea"]


REPORTED: set[tuple[str, str]] = set()

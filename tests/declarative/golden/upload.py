"""A form that is a model, next to a file, the content of another, and a list of more."""

from typing import Annotated

from pydantic import BaseModel

from signette import App, File, Form, UploadFile

app = App(openapi_url=None)


class Note(BaseModel):
    title: str
    tags: list[str] = []


@app.post("/upload")
async def upload(
    note: Annotated[Note, Form()],
    picture: UploadFile,
    thumbnail: Annotated[bytes | None, File()] = None,
    more: list[UploadFile] | None = None,
) -> str:
    return note.title

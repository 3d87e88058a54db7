from typing import Annotated

from pydantic import BaseModel

from signette import App, Body, Form


class Meta(BaseModel):
    title: str


class Upload(BaseModel):
    meta: Annotated[Meta, Body()]


async def upload(upload: Annotated[Upload, Form()]) -> None: ...


def declare(app: App) -> None:
    app.post("/uploads")(upload)

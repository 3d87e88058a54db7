from fastapi import UploadFile
from pydantic import BaseModel

from signette import App, Form


class Picture(BaseModel):
    title: str
    file: UploadFile


async def store(picture: Picture = Form()) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

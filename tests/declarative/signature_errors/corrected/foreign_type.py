from pydantic import BaseModel

from signette import App, Form, UploadFile


class Picture(BaseModel):
    title: str
    file: UploadFile


async def store(picture: Picture = Form()) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

from typing import Annotated

from pydantic import BaseModel, Json

from signette import App, Form


class Meta(BaseModel):
    title: str


class Upload(BaseModel):
    meta: Json[Meta]


async def upload(upload: Annotated[Upload, Form()]) -> None: ...


def declare(app: App) -> None:
    app.post("/uploads")(upload)

from typing import Annotated

from signette import App, To, Upload
from signette.uploads import FilePart, SinkWriter


class Bucket:
    async def open(self, part: FilePart) -> SinkWriter:
        raise NotImplementedError


async def store(picture: Annotated[Upload, To(Bucket())]) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

from fastapi import UploadFile

from signette import App


async def store(file: UploadFile) -> None: ...


def declare(app: App) -> None:
    app.post("/files")(store)

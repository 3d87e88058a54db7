from pydantic import BaseModel

from signette import App, UploadFile


class Profile(BaseModel):
    name: str
    picture: UploadFile


async def keep(profile: Profile) -> None: ...


def declare(app: App) -> None:
    app.post("/profiles")(keep)

from pydantic import BaseModel, SecretStr

from signette import App
from signette.channels import Channel


class Login(BaseModel):
    name: str
    password: SecretStr


async def announce(logins: Channel[Login]) -> None: ...


def declare(app: App) -> None:
    app.post("/logins")(announce)

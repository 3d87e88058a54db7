from pydantic import SecretStr

from signette import App


async def sign_in(user: str, password: SecretStr) -> None: ...


def declare(app: App) -> None:
    app.job(sign_in)

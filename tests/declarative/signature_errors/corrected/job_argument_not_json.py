from signette import App


async def sign_in(user: str) -> None: ...


def declare(app: App) -> None:
    app.job(sign_in)

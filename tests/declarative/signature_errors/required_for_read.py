from signette import App, RequiredConditional


async def read(user_id: int, cond: RequiredConditional) -> None: ...


def declare(app: App) -> None:
    app.get("/users/{user_id}")(read)

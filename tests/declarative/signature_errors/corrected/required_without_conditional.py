from signette import App, RequiredConditional


async def replace(user_id: int, cond: RequiredConditional) -> None: ...


def declare(app: App) -> None:
    app.put("/users/{user_id}")(replace)

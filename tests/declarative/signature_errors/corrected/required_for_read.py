from signette import App, Conditional


async def read(user_id: int, cond: Conditional) -> None: ...


def declare(app: App) -> None:
    app.get("/users/{user_id}")(read)

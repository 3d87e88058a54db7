from signette import App, Conditional


async def options(cond: Conditional) -> None: ...


def declare(app: App) -> None:
    app.get("/users")(options)

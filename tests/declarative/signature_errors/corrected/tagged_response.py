from signette import App, Tagged


async def read() -> Tagged[str]: ...


def declare(app: App) -> None:
    app.get("/page")(read)

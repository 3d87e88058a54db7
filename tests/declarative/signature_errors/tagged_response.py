from signette import App, HTMLResponse, Tagged


async def read() -> Tagged[HTMLResponse]: ...


def declare(app: App) -> None:
    app.get("/page")(read)

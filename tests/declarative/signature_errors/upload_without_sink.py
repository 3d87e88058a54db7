from signette import App, Upload


async def store(picture: Upload) -> None: ...


def declare(app: App) -> None:
    app.post("/pictures")(store)

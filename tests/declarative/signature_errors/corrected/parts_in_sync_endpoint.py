from signette import App, Parts


async def archive(parts: Parts) -> list[str]:
    return [part.name async for part in parts]


def declare(app: App) -> None:
    app.post("/archive")(archive)

from signette import App


async def rows() -> None: ...


def declare(app: App) -> None:
    app.delete("/rows")(rows)

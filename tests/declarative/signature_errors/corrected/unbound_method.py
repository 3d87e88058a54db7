from signette import App


class Items:
    async def every(self) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(Items().every)

from signette import App, Created


async def order(sku: str) -> Created[str]: ...


def declare(app: App) -> None:
    app.post("/orders")(order)

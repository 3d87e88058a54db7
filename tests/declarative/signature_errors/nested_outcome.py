from signette import App, Created, Ok


async def order(sku: str) -> Created[Ok[str]]: ...


def declare(app: App) -> None:
    app.post("/orders")(order)

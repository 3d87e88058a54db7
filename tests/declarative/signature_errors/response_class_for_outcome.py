from signette import App, Created, RedirectResponse


async def create() -> Created[str]:
    return Created("/orders/1")


def declare(app: App) -> None:
    app.post("/orders", response_class=RedirectResponse)(create)

from signette import App, RedirectResponse


async def create() -> RedirectResponse:
    return RedirectResponse("/orders/1", status_code=303)


def declare(app: App) -> None:
    app.post("/orders")(create)

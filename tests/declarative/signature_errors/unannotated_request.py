from signette import App


async def items(request) -> None: ...  # type: ignore[no-untyped-def]  # the error


def declare(app: App) -> None:
    app.get("/items")(items)

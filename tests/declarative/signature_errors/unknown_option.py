from signette import App


async def items() -> None: ...


def declare(app: App) -> None:
    app.get("/items", tag="shop")(items)  # type: ignore[call-arg]  # the error

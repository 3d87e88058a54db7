from signette import App


async def items() -> None: ...


def declare(app: App) -> None:
    app.api_route("/items", methods=["GET"])(items)

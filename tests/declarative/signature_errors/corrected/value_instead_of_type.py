from signette import App


async def items() -> list[dict[str, str]]: ...


def declare(app: App) -> None:
    app.get("/items", response_model=list[dict[str, str]])(items)

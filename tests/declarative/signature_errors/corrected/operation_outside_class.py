from signette import App


def declare(app: App) -> None:
    @app.get("/items")
    async def items() -> list[int]:
        return [1, 2]

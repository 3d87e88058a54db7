from signette import App
from signette.resources import get


def declare(app: App) -> None:
    @get("/items")
    async def items() -> list[int]:
        return [1, 2]

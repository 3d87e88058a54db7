from signette import App
from signette.resources import Resource, get


def declare(app: App) -> None:
    class Items(Resource, prefix="/items"):
        @get()
        async def size() -> int:  # type: ignore[misc]
            return 2

    app.include(Items)

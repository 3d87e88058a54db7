from signette import App
from signette.resources import Resource


def declare(app: App) -> None:
    class Items(Resource, prefix="/items"):
        async def size(self) -> int:
            return 2

    app.include(Items)

from signette import App
from signette.resources import Resource


class Items(Resource, prefix="/items"):
    async def size(self) -> int:
        return 2


def declare(app: App) -> None:
    app.include(Items)

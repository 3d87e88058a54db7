from signette import App
from signette.resources import Resource, get


class Items(Resource, prefix="/items"):
    @get()
    async def size(self) -> int:
        return 2


def declare(app: App) -> None:
    app.include(Items)

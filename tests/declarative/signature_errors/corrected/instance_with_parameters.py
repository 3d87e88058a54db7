from signette import App, Depends
from signette.resources import Resource, get


def user() -> str:
    return "ann"


class Items(Resource, prefix="/items"):
    def __init__(self, table: str) -> None:
        self.table = table

    @get()
    async def size(self, name: str = Depends(user)) -> str:
        return f"{name}: {self.table}"


def declare(app: App) -> None:
    app.include(Items("items"))

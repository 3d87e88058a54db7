from signette import App, Depends
from signette.resources import Resource, get


def user() -> str:
    return "ann"


class Items(Resource, prefix="/items"):
    user: str = Depends(user)

    def __init__(self, table: str) -> None:
        self.table = table

    @get()
    async def size(self) -> str:
        return f"{self.user}: {self.table}"


def declare(app: App) -> None:
    app.include(Items("items"))

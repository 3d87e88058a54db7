from signette import App
from signette.resources import Resource, get


def declare(app: App) -> None:
    class Items(Resource, prefix="/items"):
        @get()
        @property
        def size(self) -> int:
            return 2

from typing import Self

from signette import App
from signette.cbv import cbv


def declare(app: App) -> None:
    @cbv(app)
    class Views:
        def __new__(cls, user: str) -> Self:
            views = super().__new__(cls)
            views.user = user
            return views

        @app.get("/me")
        async def me(self) -> str:
            return self.user

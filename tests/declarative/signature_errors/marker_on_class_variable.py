from typing import ClassVar

from signette import App, Depends
from signette.cbv import cbv


def current_user() -> str:
    return "ann"


def declare(app: App) -> None:
    @cbv(app)
    class Views:
        user: ClassVar[str] = Depends(current_user)

        @app.get("/me")
        async def me(self) -> str:
            return self.user

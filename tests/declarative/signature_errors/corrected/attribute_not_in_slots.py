from signette import App
from signette.cbv import cbv


def declare(app: App) -> None:
    @cbv(app)
    class Views:
        __slots__ = ("user",)
        user: str

        @app.get("/me")
        async def me(self) -> str:
            return self.user

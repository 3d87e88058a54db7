from signette import App
from signette.cbv import cbv


def declare(app: App) -> None:
    @cbv(app)
    class Views:
        def __init__(self, user: str) -> None:
            self.user = user

        @app.get("/me")
        async def me(self) -> str:
            return self.user

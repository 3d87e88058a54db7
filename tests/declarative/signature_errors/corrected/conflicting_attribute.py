from signette import App, Depends
from signette.cbv import cbv


def current_user() -> str:
    return "ann"


def declare(app: App) -> None:
    @cbv(app)
    class Views:
        user: str = Depends(current_user)

        def __init__(self, user: str) -> None:
            self.user = user

        @app.get("/me")
        async def me(self) -> str:
            return self.user

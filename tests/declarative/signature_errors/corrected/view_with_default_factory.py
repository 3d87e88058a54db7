from dataclasses import dataclass, field

from signette import App
from signette.cbv import cbv


def declare(app: App) -> None:
    @cbv(app)
    @dataclass
    class Views:
        user: str = field(init=False, default_factory=str)

        @app.get("/me")
        async def me(self) -> str:
            return self.user

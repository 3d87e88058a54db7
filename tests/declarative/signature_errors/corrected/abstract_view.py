from abc import ABC, abstractmethod

from signette import App
from signette.cbv import cbv


class Base(ABC):
    @abstractmethod
    def user(self) -> str: ...


def declare(app: App) -> None:
    @cbv(app)
    class Views(Base):
        def user(self) -> str:
            return "ann"

        @app.get("/me")
        async def me(self) -> str:
            return self.user()

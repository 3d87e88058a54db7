from typing import Generic, TypeVar

from pydantic import BaseModel

from signette import App

T = TypeVar("T")


class Envelope(BaseModel, Generic[T]):
    data: T
    request_id: str | None = None


async def rows() -> list[int]: ...


def declare(app: App) -> None:
    app.get("/rows", envelope=Envelope)(rows)

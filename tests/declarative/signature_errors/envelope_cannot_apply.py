from typing import Generic, TypeVar

from pydantic import BaseModel

from signette import App

T = TypeVar("T")


class Envelope(BaseModel, Generic[T]):
    data: T


async def rows() -> None: ...


def declare(app: App) -> None:
    app.delete("/rows", envelope=Envelope)(rows)

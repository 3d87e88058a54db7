"""Resources whose annotations are strings."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel

from signette.resources import Resource, get, post

T = TypeVar("T")


class Listed(Resource, Generic[T]):
    @post()
    async def take(self, item: T) -> T:
        return item

    @get("/{number}")
    async def read(self, number: int, after: Note | None = None) -> list[int]:
        return [number] if after is None else []


class Note(BaseModel):
    text: str


class Notes(Listed[Note], prefix="/notes"):
    pass

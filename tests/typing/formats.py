"""Formats and envelopes, as users declare them."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from signette import App, HTTPConnection, Router
from signette.formats import CSV, JSON, Content, DoesNotFit, Format, ItemEncoder, JSONLines, MessagePack

T = TypeVar("T")


class Row(BaseModel):
    id: int


class Envelope(BaseModel, Generic[T]):
    data: T
    path: str

    @classmethod
    def envelope_fields(cls, request: HTTPConnection) -> dict[str, Any]:
        return {"path": request.url.path}


class Words(Format):
    media_type = "text/x-words"
    media_types = ("text/words",)

    def encoder(self, content: Content) -> Callable[[Any], bytes]:
        return lambda value: f"{content.annotation} {value}".encode()

    def item_encoder(self, content: Content) -> ItemEncoder | DoesNotFit:
        return ItemEncoder(lambda value: str(value).encode()) if content.schema() else DoesNotFit("it has no schema")


app = App(renders=[JSON, CSV(delimiter=";")], envelope=Envelope)
router = Router(renders=(JSON, JSONLines, MessagePack()), envelope=None)


@router.get("/rows", renders=[JSON, Words], envelope=Envelope)
async def rows() -> list[Row]:
    return [Row(id=1)]


@router.post("/rows", renders=None, envelope=None)
async def create(row: Row) -> Row:
    return row


app.include_router(router, renders=[Words()], envelope=Envelope)

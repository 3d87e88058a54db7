"""JSON (RFC 8259)."""

from typing import ClassVar

from signette._http.json import dumps, loads_request
from signette.declarative.formats.base import Content, Decode, DoesNotFit, Encode, Format, ItemEncoder


class JSON(Format):
    """`application/json`. Iterators are an array, which is sent item by item.

    A subclass may set another `media_type`, such as `application/hal+json`.
    """

    media_type: ClassVar[str] = "application/json"
    takes_envelope: ClassVar[bool] = True

    def encoder(self, content: Content) -> Encode | DoesNotFit:  # noqa: ARG002 - each value has a JSON text
        return dumps

    def item_encoder(self, content: Content) -> ItemEncoder | DoesNotFit:  # noqa: ARG002
        return ItemEncoder(bytes, head=b"[", separator=b",", tail=b"]", takes_text=True)

    def decoder(self, content: Content) -> Decode | DoesNotFit:  # noqa: ARG002 - each JSON text has a value
        return loads_request

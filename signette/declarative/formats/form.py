"""HTML forms as a format of request bodies: URL-encoded, or multipart without files."""

from typing import ClassVar

from signette.declarative.formats.base import Content, DoesNotFit, Encode, Format


class FormEncoded(Format):
    """`application/x-www-form-urlencoded` and `multipart/form-data`, for `Body(media_types=[JSON, FormEncoded])`.

    Fields have the names of JSON's members; parts of nested models and lists are in brackets: `address[city]`, `tags`.
    """

    media_type: ClassVar[str] = "application/x-www-form-urlencoded"
    media_types: ClassVar[tuple[str, ...]] = ("multipart/form-data",)

    def encoder(self, content: Content) -> Encode | DoesNotFit:  # noqa: ARG002 - of no type
        return DoesNotFit("forms are sent in requests only", "remove the format")

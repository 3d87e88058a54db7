"""Formats of responses and request bodies: `renders=[JSON, CSV]`."""

from signette.declarative.formats.base import Content, DoesNotFit, Format, ItemEncoder
from signette.declarative.formats.csv import CSV
from signette.declarative.formats.form import FormEncoded
from signette.declarative.formats.json import JSON
from signette.declarative.formats.json_lines import JSONLines
from signette.declarative.formats.messagepack import MessagePack
from signette.declarative.formats.negotiation import NotAcceptable

__all__ = [
    "CSV",
    "JSON",
    "Content",
    "DoesNotFit",
    "FormEncoded",
    "Format",
    "ItemEncoder",
    "JSONLines",
    "MessagePack",
    "NotAcceptable",
]

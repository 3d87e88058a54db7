"""Formats of responses and request bodies: `renders=[JSON, CSV]`."""

from signette.declarative.formats.base import Content, DoesNotFit, Format, ItemEncoder
from signette.declarative.formats.json import JSON

__all__ = ["JSON", "Content", "DoesNotFit", "Format", "ItemEncoder"]

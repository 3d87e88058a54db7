"""Custom parameter sources, in addition to path, query, headers, cookies, forms and bodies."""

from signette.declarative.signature.markers import MISSING, Marker
from signette.declarative.signature.model import Parameter
from signette.declarative.sources.body import BODY
from signette.declarative.sources.cookie import COOKIE
from signette.declarative.sources.form import FORM
from signette.declarative.sources.header import HEADER
from signette.declarative.sources.injected import CONNECTION, REQUEST
from signette.declarative.sources.query import QUERY
from signette.declarative.sources.source import Phase, Source
from signette.declarative.sources.table import SOURCES

__all__ = [
    "BODY",
    "CONNECTION",
    "COOKIE",
    "FORM",
    "HEADER",
    "MISSING",
    "QUERY",
    "REQUEST",
    "SOURCES",
    "Marker",
    "Parameter",
    "Phase",
    "Source",
]

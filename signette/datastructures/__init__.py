"""Data structures of requests and responses: URLs, headers, query parameters, forms, uploads, state."""

from signette.datastructures.headers import Headers, MutableHeaders
from signette.datastructures.multidict import FormData, ImmutableMultiDict, MultiDict, QueryParams
from signette.datastructures.state import CommaSeparatedStrings, Secret, State
from signette.datastructures.upload import Upload, UploadFile
from signette.datastructures.url import URL, Address, URLPath

__all__ = [
    "URL",
    "Address",
    "CommaSeparatedStrings",
    "FormData",
    "Headers",
    "ImmutableMultiDict",
    "MultiDict",
    "MutableHeaders",
    "QueryParams",
    "Secret",
    "State",
    "URLPath",
    "Upload",
    "UploadFile",
]

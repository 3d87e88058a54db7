"""Uploaded files in annotations."""

from typing import Any, get_args

from signette.datastructures.upload import UploadFile
from signette.declarative.introspect import bare, class_of, is_collection, kept, members_of


@kept
def is_upload(annotation: Any) -> bool:
    """Whether files are taken under one name: `UploadFile`, lists of it, and unions with one of these."""
    return any(map(_is_file_or_files, members_of(annotation)))


def _is_file_or_files(member: Any) -> bool:
    if not is_collection(member):
        return _is_file(member)
    return any(_is_file(each) for item in get_args(bare(member)) for each in members_of(item))


def _is_file(annotation: Any) -> bool:
    cls = class_of(annotation)
    return cls is not None and issubclass(cls, UploadFile)

"""Which annotations are uploaded files."""

from typing import Any, get_args

from signette.datastructures.upload import Upload, UploadFile
from signette.declarative.signature.annotations import cached, class_of, is_collection, strip_annotated, union_members


@cached
def is_upload(annotation: Any) -> bool:
    """Whether it is `UploadFile`, `Upload`, a list of it, or a union with one of these."""
    return any(_is_file(each) for member in union_members(annotation) for each in _items_of(member))


@cached
def is_stored_upload(annotation: Any) -> bool:
    """Whether it is `Upload`, a list of it, or a union with one of these."""
    return any(_is_file(each, Upload) for member in union_members(annotation) for each in _items_of(member))


@cached
def is_upload_alone(annotation: Any) -> bool:
    """Whether it is `UploadFile`, `Upload` or lists of them only, without `None`."""
    members = [each for member in union_members(annotation) for each in _items_of(member)]
    return all(_is_file(each) for each in members if strip_annotated(each) is not type(None) and each is not ...)


def _items_of(member: Any) -> tuple[Any, ...]:
    if not is_collection(member):
        return (member,)
    return tuple(each for item in get_args(strip_annotated(member)) for each in union_members(item))


def _is_file(annotation: Any, *classes: type) -> bool:
    cls = class_of(annotation)
    return cls is not None and issubclass(cls, classes or (UploadFile, Upload))

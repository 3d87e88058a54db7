"""A value as the content of a `Response`: of the route's response class, or of `JSONResponse` without one."""

from collections.abc import Callable, Collection, Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any

from signette._frameworks import is_kind_of
from signette._http.json import loads
from signette.declarative.adapters.jsonable import members
from signette.declarative.adapters.response_validation import with_response_validation
from signette.declarative.adapters.serializers import Dump, dumper
from signette.declarative.adapters.unannotated import unannotated_dumper
from signette.declarative.returns.kind import Reply
from signette.declarative.returns.text import TEXTUAL, chunk_of
from signette.declarative.signature.annotations import (
    class_of,
    is_collection,
    item_type,
    strip_annotated,
    union_members,
)
from signette.declarative.signature.markers import MISSING
from signette.responses.plain import JSONResponse, Response

# The attributes of a subclass of `JSONResponse` that changes nothing but the media type.
_MEDIA_TYPE_ONLY = {"media_type", "charset", "__module__", "__doc__", "__qualname__", "__annotations__",
                    "__firstlineno__", "__static_attributes__", "__annotate__", "__annotate_func__"}  # fmt: skip


def content_maker(annotation: Any, reply: Reply) -> Callable[[Any, int, Mapping[str, str] | None], Response]:
    """A function that makes a response of the route's class from a value, a status and headers.

    The content has only the fields that the annotation declares, however the class renders it.
    """
    cls = reply.response_class or JSONResponse
    if _is_plain_json(cls):
        dump = dump_of(annotation, reply)

        def make_json(value: Any, status: int, headers: Mapping[str, str] | None) -> Response:
            return Response(dump(value), status, headers, media_type=cls.media_type)

        return make_json
    content_of = _content_of(annotation, reply)

    def make_custom(value: Any, status: int, headers: Mapping[str, str] | None) -> Response:
        more: dict[str, Any] = {"headers": headers} if headers else {}
        response: Response = cls(content_of(value), status_code=status, **more)
        return response

    return make_custom


def json_response_maker(cls: type[Response]) -> Callable[[bytes, int, Mapping[str, str] | None], Response]:
    """A function that makes a response of a class for JSON from a JSON text, a status and headers."""
    if _is_plain_json(cls):
        return lambda text, status, headers: Response(text, status, headers, media_type=cls.media_type)

    def make(text: bytes, status: int, headers: Mapping[str, str] | None) -> Response:
        more: dict[str, Any] = {"headers": headers} if headers else {}
        return cls(loads(text), status_code=status, **more)

    return make


def dump_of(annotation: Any, reply: Reply, special: tuple[type, ...] = ()) -> Dump:
    """A function that serializes results of the annotation as JSON, with the options of the route."""
    if annotation is MISSING:
        return unannotated_dumper(reply.options, special)
    return with_response_validation(
        dumper(annotation, options_of(annotation, reply.options), special), annotation, reply.validation
    )


def options_of(annotation: Any, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of pydantic's serializer for a type. For a list, field names apply to its items.

    pydantic takes those only as `{"__all__": names}`, and ignores plain names: excluded fields would be sent.
    """
    found = dict(options)
    for key in found.keys() & {"include", "exclude"}:
        for _ in range(_depth(annotation) if _names_fields(found[key]) else 0):
            found[key] = {"__all__": found[key]}
    return found


def _depth(annotation: Any) -> int:
    """How deeply lists are nested: 2 for `list[list[Item]]`."""
    members = [member for member in union_members(annotation) if strip_annotated(member) is not type(None)]
    return 1 + _depth(item_type(annotation)) if members and all(map(is_collection, members)) else 0


def _names_fields(names: Collection[Any]) -> bool:
    return not any(isinstance(name, int) or name == "__all__" for name in names)


def _content_of(annotation: Any, reply: Reply) -> Callable[[Any], Any]:
    if not is_kind_of(reply.response_class, JSONResponse):
        if annotation is MISSING:
            return _text_of
        if annotation is Any:
            return lambda value: value
        if class_of(annotation) in TEXTUAL:
            return chunk_of(annotation)
    dump = dump_of(annotation, reply)
    return lambda value: loads(dump(value))


def _text_of(value: Any) -> Any:
    """The text of a path or an enum's member, as in JSON. Other values are for the class to render."""
    return members(value) if isinstance(value, PurePath | Enum) else value


def _is_plain_json(cls: type[Response]) -> bool:
    """Whether a class is `JSONResponse`, or differs from it only in its media type."""
    if not issubclass(cls, JSONResponse):
        return False
    own = [each for each in cls.__mro__ if each not in JSONResponse.__mro__]
    return all(vars(each).keys() <= _MEDIA_TYPE_ONLY for each in own)

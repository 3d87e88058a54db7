"""A value as the content of a `Response` of the class that the endpoint chose, or of JSON where it chose none."""

from collections.abc import Callable, Mapping
from typing import Any

from signette._http.json import loads
from signette.declarative.adapters.jsonable import public_attributes
from signette.declarative.adapters.response_validation import with_response_validation
from signette.declarative.adapters.serializers import Dump, dumper
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

# What a subclass of `JSONResponse` may say of itself and be no more than a media type.
_WORDS = {"media_type", "charset", "__module__", "__doc__", "__qualname__", "__annotations__", "__firstlineno__",
          "__static_attributes__", "__annotate__", "__annotate_func__"}  # fmt: skip


def content_maker(annotation: Any, reply: Reply) -> Callable[[Any, int, Mapping[str, str] | None], Response]:
    """A function that makes a value, a status and headers into a response of the chosen class.

    Whatever the class renders, it gets what the annotation declares and nothing else.
    """
    cls = reply.response_class or JSONResponse
    if _is_plain_json(cls):
        dump = dump_of(annotation, reply)

        def make_json(value: Any, status: int, headers: Mapping[str, str] | None) -> Response:
            return Response(dump(value), status, headers, media_type=cls.media_type)

        return make_json
    content_of = _content_of(annotation, reply)

    def make_own(value: Any, status: int, headers: Mapping[str, str] | None) -> Response:
        more: dict[str, Any] = {"headers": headers} if headers else {}
        response: Response = cls(content_of(value), status_code=status, **more)
        return response

    return make_own


def dump_of(annotation: Any, reply: Reply, special: tuple[type, ...] = ()) -> Dump:
    """A function that writes results of the annotation as JSON, with the options of the route."""
    if annotation is MISSING:
        return dumper(Any, reply.options, special, public_attributes)
    return with_response_validation(
        dumper(annotation, options_of(annotation, reply.options), special), annotation, reply.watch
    )


def options_of(annotation: Any, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of pydantic's serializer for a type. Of a list, names are those of its items' fields.

    pydantic has them only in `{"__all__": names}`, and ignores names that stand alone: the fields would leave.
    """
    found = dict(options)
    for key in found.keys() & {"include", "exclude"}:
        for _ in range(_depth(annotation) if _names_fields(found[key]) else 0):
            found[key] = {"__all__": found[key]}
    return found


def _depth(annotation: Any) -> int:
    """How many lists are around the items of a list of lists."""
    members = [member for member in union_members(annotation) if strip_annotated(member) is not type(None)]
    return 1 + _depth(item_type(annotation)) if members and all(map(is_collection, members)) else 0


def _names_fields(said: Any) -> bool:
    return not any(isinstance(name, int) or name == "__all__" for name in said)


def _content_of(annotation: Any, reply: Reply) -> Callable[[Any], Any]:
    if not issubclass(reply.response_class, JSONResponse):
        if annotation in (MISSING, Any):
            return lambda value: value
        if class_of(annotation) in TEXTUAL:
            return chunk_of(annotation)
    dump = dump_of(annotation, reply)
    return lambda value: loads(dump(value))


def _is_plain_json(cls: type[Response]) -> bool:
    """Whether it is `JSONResponse` or differs from it in its media type alone."""
    if not issubclass(cls, JSONResponse):
        return False
    own = [each for each in cls.__mro__ if each not in JSONResponse.__mro__]
    return all(vars(each).keys() <= _WORDS for each in own)

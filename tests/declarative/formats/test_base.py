"""The base class of formats: what subclasses declare, and how options name them."""

from typing import Any, ClassVar

import pytest

from signette.declarative.formats.base import Content, DoesNotFit, Encode, Format, ItemEncoder, format_of
from signette.formats import JSON

ANY = Content(Any, dict)


class Text(Format):
    media_type: ClassVar[str] = "text/x-lines; charset=utf-8"
    media_types: ClassVar[tuple[str, ...]] = ("Text/Lines", "text/x-lines")

    def __init__(self, *, end: str = "\n", width: int = 80) -> None:
        self.end = end
        self.width = width

    def encoder(self, content: Content) -> Encode | DoesNotFit:
        return lambda value: f"{value}{self.end}".encode()


def test_a_class_in_an_option_stands_for_its_instance() -> None:
    own = Text(end="")
    assert format_of(own) is own
    assert type(format_of(Text)) is Text
    assert [format_of(each) for each in ("application/json", None, int, object())] == [None] * 4


def test_the_names_of_a_format_have_no_parameters_and_are_there_once() -> None:
    assert Text().names == ("text/x-lines", "text/lines")
    assert JSON().names == ("application/json",)


def test_the_repr_of_a_format_is_the_call_that_makes_it() -> None:
    assert repr(JSON()) == "JSON"
    assert repr(Text()) == "Text"
    assert repr(Text(end="")) == "Text(end='')"


@pytest.mark.parametrize("media_type", ["json", "application/", "application/*", "*/*", "a/b/c", "text/pl ain", " "])
def test_a_media_type_that_no_response_can_have_is_rejected(media_type: str) -> None:
    with pytest.raises(TypeError, match="invalid media type"):
        type("Own", (Format,), {"media_type": media_type})
    with pytest.raises(TypeError, match="invalid media type"):
        type("Own", (Format,), {"media_type": "text/own", "media_types": (media_type,)})


def test_a_string_in_place_of_a_tuple_of_media_types_is_rejected() -> None:
    with pytest.raises(TypeError, match="must be a tuple"):
        type("Own", (Format,), {"media_types": "text/own"})


def test_a_format_renders_whole_values_unless_it_defines_more() -> None:
    found = Text().item_encoder(ANY)
    assert isinstance(found, DoesNotFit)
    assert found.problem == "it cannot be sent item by item"
    assert isinstance(Format().encoder(ANY), DoesNotFit)


def test_json_renders_values_and_the_items_of_an_array() -> None:
    encode, items = JSON().encoder(ANY), JSON().item_encoder(ANY)
    assert callable(encode)
    assert isinstance(items, ItemEncoder)
    assert encode({"a": [1, None, "é"]}) == '{"a":[1,null,"é"]}'.encode()
    assert items.takes_text
    parts = items.separator.join(map(items.encode, [b"1", b'"b"']))
    assert items.head + parts + items.tail == b'[1,"b"]'

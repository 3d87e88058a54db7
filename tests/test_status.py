import importlib
from http import HTTPStatus

import pytest

from signette import status
from signette.exceptions import SignetteDeprecationWarning

# RFC 9110 §15.5.19 keeps 418 unused; RFC 2324 names it. 306 is unused too, and not in `http`.
OTHER_NAMES = {"HTTP_203_NON_AUTHORITATIVE_INFORMATION", "HTTP_306_RESERVED", "HTTP_418_IM_A_TEAPOT"}


def names(prefix: str) -> list[str]:
    return [name for name in status.__all__ if name.startswith(prefix)]


def test_each_name_carries_its_number():
    assert all(getattr(status, name) == int(name.split("_")[1]) for name in status.__all__)


def test_each_status_of_the_standard_library_has_a_name():
    assert {member.value for member in HTTPStatus} <= {getattr(status, name) for name in names("HTTP_")}


def test_the_names_are_the_phrases_of_the_registry():
    renamed = {
        413: "CONTENT_TOO_LARGE",
        414: "URI_TOO_LONG",
        416: "RANGE_NOT_SATISFIABLE",
        422: "UNPROCESSABLE_CONTENT",
    }
    expected = {
        f"HTTP_{member.value}_{renamed.get(member.value, member.phrase.upper().replace(' ', '_').replace('-', '_'))}"
        for member in HTTPStatus
    }
    assert expected - set(names("HTTP_")) <= {"HTTP_418_I'M_A_TEAPOT"}
    assert set(names("HTTP_")) - expected <= OTHER_NAMES


def test_the_close_codes_of_websockets_have_names():
    codes = [getattr(status, name) for name in names("WS_")]
    assert codes == [*range(1000, 1004), *range(1005, 1016)]  # 1004 is reserved


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("HTTP_413_REQUEST_ENTITY_TOO_LARGE", "HTTP_413_CONTENT_TOO_LARGE"),
        ("HTTP_414_REQUEST_URI_TOO_LONG", "HTTP_414_URI_TOO_LONG"),
        ("HTTP_416_REQUESTED_RANGE_NOT_SATISFIABLE", "HTTP_416_RANGE_NOT_SATISFIABLE"),
        ("HTTP_422_UNPROCESSABLE_ENTITY", "HTTP_422_UNPROCESSABLE_CONTENT"),
    ],
)
def test_an_old_name_works_and_warns_where_it_is_used(old, new):
    with pytest.warns(SignetteDeprecationWarning, match=rf"^'{old}' is deprecated\. Use '{new}' instead\.$") as caught:
        assert getattr(status, old) == getattr(status, new)
    assert caught[0].filename == __file__
    assert old in dir(status)
    assert old not in status.__all__


def test_an_unknown_name_raises_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'signette\.status' has no attribute 'HTTP_999'"):
        _ = status.HTTP_999


def test_importing_everything_warns_about_nothing():
    module = importlib.import_module("signette.status")
    assert [getattr(module, name) for name in module.__all__]

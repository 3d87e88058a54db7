import math
import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette import convertors
from signette.convertors import CONVERTOR_TYPES, Convertor, register_url_convertor

STR, PATH, INT, FLOAT, UUIDS = (CONVERTOR_TYPES[key] for key in ("str", "path", "int", "float", "uuid"))


def comes_back(convertor: Convertor[object], value: object) -> bool:
    text = convertor.to_string(value)
    return re.fullmatch(convertor.regex, text, re.DOTALL) is not None and convertor.convert(text) == value


@given(st.text(min_size=1).filter(lambda text: "/" not in text))
def test_a_segment_is_converted_back(value):
    assert comes_back(STR, value)


@given(st.text())
def test_a_rest_of_a_path_is_converted_back(value):
    assert comes_back(PATH, value)


@given(st.integers(min_value=0, max_value=10**4000))
def test_an_integer_is_converted_back(value):
    assert comes_back(INT, value)


@given(st.floats(min_value=0, allow_infinity=False))
def test_a_float_is_converted_back_exactly(value):
    assert comes_back(FLOAT, value)


@given(st.uuids())
def test_a_uuid_is_converted_back(value):
    assert comes_back(UUIDS, value)
    for text in (value.hex, value.hex.upper(), str(value).upper()):
        assert re.fullmatch(UUIDS.regex, text)
        assert UUIDS.convert(text) == value


@pytest.mark.parametrize(
    ("convertor", "value", "text"),
    [
        (STR, 5, "5"),
        (PATH, "", ""),
        (PATH, "a//b", "a//b"),
        (INT, "007", "7"),
        (INT, True, "1"),
        (FLOAT, 25.5, "25.5"),
        (FLOAT, 0.1, "0.1"),
        (FLOAT, 3, "3"),
        (FLOAT, 1e-7, "0.0000001"),
        (FLOAT, 1e22, "10000000000000000000000"),
        (FLOAT, -0.0, "0"),
        (UUIDS, UUID(int=5), "00000000-0000-0000-0000-000000000005"),
    ],
)
def test_how_values_are_written(convertor, value, text):
    assert convertor.to_string(value) == text


@pytest.mark.parametrize("kind", [ValueError, AssertionError])
@pytest.mark.parametrize(
    ("convertor", "value", "why"),
    [
        (STR, "a/b", "May not contain path separators"),
        (STR, "", "Must not be empty"),
        (INT, -1, "Negative integers are not supported"),
        (FLOAT, -0.5, "Negative floats are not supported"),
        (FLOAT, math.nan, "NaN values are not supported"),
        (FLOAT, math.inf, "Infinite values are not supported"),
        (FLOAT, -math.inf, "Negative floats are not supported"),
    ],
)
def test_a_value_that_a_path_cannot_have_is_rejected(convertor, value, why, kind):
    with pytest.raises(kind, match=f"^{why}$"):
        convertor.to_string(value)


@pytest.mark.parametrize(
    ("convertor", "text"), [(INT, "9" * 4301), (INT, "0" * 5000), (FLOAT, "9" * 310), (FLOAT, "9" * 5000 + ".5")]
)
def test_a_number_that_is_too_long_raises_a_value_error(convertor, text):
    with pytest.raises(ValueError, match=r"number (has more than 4300 digits|is greater than the greatest float)"):
        convertor.convert(text)


@pytest.mark.parametrize(
    ("convertor", "fits", "text"),
    [(INT, "9" * 4300, "9" * 4301), (FLOAT, "1" * 309, "1" * 310), (FLOAT, "0" * 400 + "1.5", "1" * 5000 + ".5")],
)
def test_a_number_that_is_too_long_does_not_match(convertor, fits, text):
    convertor.convert(re.fullmatch(convertor.regex, fits)[0])
    assert re.fullmatch(convertor.regex, text) is None


@pytest.mark.parametrize("text", ["", "-1", "+1", " 1", "1_0", "1.5", "\u0661", "1\n"])
def test_text_that_is_not_an_integer_does_not_match(text):
    assert not re.fullmatch(INT.regex, text)


@pytest.mark.parametrize("text", ["", "-1", ".5", "1.", "1e5", "nan", "inf", "1.5.5"])
def test_text_that_is_not_a_float_does_not_match(text):
    assert not re.fullmatch(FLOAT.regex, text)


@pytest.mark.parametrize("text", ["", "0" * 31, "0" * 33, "g" * 32, "{" + "0" * 32 + "}", "urn:uuid:" + "0" * 32])
def test_text_that_is_not_a_uuid_does_not_match(text):
    assert not re.fullmatch(UUIDS.regex, text)


def test_no_pattern_captures_a_group():
    assert all(re.compile(convertor.regex).groups == 0 for convertor in CONVERTOR_TYPES.values())


def test_a_custom_convertor_is_registered_by_its_key(monkeypatch):
    monkeypatch.setattr(convertors, "CONVERTOR_TYPES", dict(CONVERTOR_TYPES))

    class Langs(Convertor[list[str]]):
        regex = "[a-z,]+"

        def convert(self, value: str) -> list[str]:
            return value.split(",")

        def to_string(self, value: list[str]) -> str:
            return ",".join(value)

    langs = Langs()
    register_url_convertor("langs", langs)
    assert convertors.CONVERTOR_TYPES["langs"] is langs
    assert comes_back(langs, ["de", "en"])


def test_the_methods_of_the_base_class_are_abstract():
    with pytest.raises(NotImplementedError):
        Convertor().convert("a")
    with pytest.raises(NotImplementedError):
        Convertor().to_string("a")

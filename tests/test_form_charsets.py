"""The charsets of forms: a fixed table, which decodes as Python does by the same name."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.forms.charsets import CODECS, codec_of

# UTF-8 decodes all that ASCII does, and GBK all that GB 2312 does.
SUPERSETS = {"ascii": "utf-8", "gb2312": "gbk"}


def python_codec(label: str) -> str | None:
    """The name of Python's text encoding for a label."""
    try:
        found = codecs.lookup(label)
    except LookupError:
        return None
    return found.name if found._is_text_encoding else None


@pytest.mark.parametrize("label", CODECS)
def test_a_label_has_the_text_encoding_that_python_has_for_it(label: str) -> None:
    codec = python_codec(codec_of(label))
    own = python_codec(label)
    assert codec is not None
    assert codec == SUPERSETS.get(own or codec, own or codec)


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("iso-8859-1", "latin-1"),
        ("ISO_8859-2:1987", "iso8859-2"),
        ("Windows_1253", "cp1253"),
        ("x-sjis", "cp932"),
        ("x-mac-cyrillic", "mac-cyrillic"),
        ("KOI8_R", "koi8-r"),
    ],
)
def test_letter_case_and_underscores_do_not_count(label: str, codec: str) -> None:
    assert codec_of(label) == codec


def test_every_single_byte_encoding_of_browsers_is_supported() -> None:
    """WHATWG Encoding Standard, section 9."""
    names = [f"iso-8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)]
    names += [f"windows-{number}" for number in (874, *range(1250, 1259))]
    names += ["iso-8859-8-i", "ibm866", "koi8-r", "koi8-u", "macintosh", "x-mac-cyrillic"]
    assert [name for name in names if name not in CODECS] == []


def test_every_multi_byte_encoding_of_browsers_is_supported() -> None:
    """WHATWG Encoding Standard, sections 10 to 13."""
    names = ["gbk", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift-jis", "euc-kr"]
    assert [name for name in names if name not in CODECS] == []


@pytest.mark.parametrize(
    "label",
    [
        *(None, "", "unknown", "utf-7", "utf-16", "utf-16le", "utf-32", "hz", "hz-gb-2312", "iso-2022-kr", "idna"),
        *("zip", "hex", "base64", "rot13", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "punycode"),
        "x-user-defined",
    ],
)
def test_anything_else_is_utf_8(label: str | None) -> None:
    assert codec_of(label) == "utf-8"


@given(st.text())
def test_no_label_makes_python_search_for_a_codec(label: str) -> None:
    searched: list[str] = []

    def search(name: str) -> None:
        searched.append(name)

    codecs.register(search)
    try:
        "".encode(codec_of(label))
    finally:
        codecs.unregister(search)
    assert searched == []

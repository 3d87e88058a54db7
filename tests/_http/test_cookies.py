import re
from datetime import UTC, datetime, timedelta, timezone
from http.cookies import SimpleCookie
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette._http import cookies
from signette._http.cookies import parse_cookies, render_cookie

LATIN_1 = st.text(st.characters(max_codepoint=255))
NAMES = st.text(st.sampled_from("!#$%&'*+-.^_`|~:09azAZ"), min_size=1)
# Characters, of which some are valid in a cookie, and some are not.
ODD = st.text("aZ0 =,/;\r\n\0\x7fé♥\ud800", max_size=4)
ATTRIBUTES: dict[str, Any] = {
    "max_age": st.integers(),
    "expires": st.integers(-(10**9), 10**9) | st.datetimes(timezones=st.just(UTC)) | ODD,
    "path": ODD,
    "domain": ODD,
    "secure": st.booleans(),
    "httponly": st.booleans(),
    "samesite": st.sampled_from(["lax", "strict", "none", "None"]),
    "partitioned": st.booleans(),
}
BARE: dict[str, Any] = {"path": None, "samesite": None}


@given(NAMES, LATIN_1)
def test_a_value_is_parsed_back(name, value):
    assert parse_cookies(render_cookie(name, value, **BARE)) == {name: value}


@given(LATIN_1)
def test_values_are_quoted_as_the_standard_library_quotes_them(value):
    # Newer versions reject controls instead of quoting them.
    theirs = SimpleCookie().value_encode(value)[1]
    assert render_cookie("a", value, **BARE) == ("a=" + theirs if value else 'a=""')


def is_acceptable(name: str, value: str, attributes: dict[str, Any]) -> bool:
    """Whether each part has the letters that it may have."""
    texts = [text for text in attributes.values() if isinstance(text, str)]
    return (
        re.fullmatch(r"[!#$%&'*+.^_`|~:0-9A-Za-z-]+", name) is not None
        and max(value, default="") <= "\xff"
        and all(re.fullmatch("[ -:<-~]*", text) for text in texts)
    )


COOKIES = st.tuples(NAMES | ODD, LATIN_1 | ODD, st.fixed_dictionaries({}, optional=ATTRIBUTES))


@given(COOKIES.filter(lambda cookie: not is_acceptable(*cookie)))
def test_a_cookie_with_a_letter_that_it_may_not_have_is_rejected(cookie):
    name, value, attributes = cookie
    with pytest.raises(ValueError, match=r"."):
        render_cookie(name, value, **attributes)


@given(COOKIES.filter(lambda cookie: is_acceptable(*cookie)))
def test_no_value_can_add_a_header_or_an_attribute(cookie):
    name, value, attributes = cookie
    header = render_cookie(name, value, **attributes)
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith(f"{name}=")
    known = {"domain", "expires", "httponly", "max-age", "partitioned", "path", "samesite", "secure"}
    given_names = [part.partition("=")[0].strip().lower() for part in header.split(";")[1:]]
    assert set(given_names) <= known
    assert len(set(given_names)) == len(given_names)
    asked = {key.replace("_", "-") for key, setting in attributes.items() if setting is not False}
    assert set(given_names) <= asked | {"path", "samesite"}


@given(st.text())
def test_any_header_is_read(header):
    found = parse_cookies(header)
    assert all(isinstance(part, str) for pair in found.items() for part in pair)
    assert "".join(found).count(";") == 0


@given(st.text() | st.text('ab=;" \t\\0'))
def test_a_header_without_blanks_and_quotes_is_read_as_any_other(header):
    assert list(parse_cookies(header).items()) == list(parse_cookies("\t" + header).items())


def test_the_attributes_stand_in_the_established_order():
    header = render_cookie(
        "a",
        "x",
        max_age=10,
        expires="Wed, 21 Oct 2015 07:28:00 GMT",
        path="/x",
        domain="example.com",
        secure=True,
        httponly=True,
        samesite="strict",
        partitioned=True,
    )
    assert header == (
        "a=x; Domain=example.com; expires=Wed, 21 Oct 2015 07:28:00 GMT; HttpOnly; Max-Age=10; Partitioned; Path=/x; "
        "SameSite=strict; Secure"
    )


def test_a_cookie_is_for_all_paths_and_lax_by_default():
    assert render_cookie("a", "b") == "a=b; Path=/; SameSite=lax"


def test_an_empty_path_or_domain_is_omitted():
    assert render_cookie("a", "b", path="", domain="", samesite=None) == "a=b"


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("", '""'),
        ("b c", '"b c"'),
        ('b;c"\\d,e', r'"b\073c\"\\d\054e"'),
        ("\x01\n", r'"\001\012"'),
        ("é", r'"\351"'),
        ("x:y", "x:y"),
    ],
)
def test_values_are_quoted_where_they_must(value, quoted):
    assert render_cookie("a", value, **BARE) == f"a={quoted}"


def test_a_number_of_seconds_counts_from_now(monkeypatch):
    monkeypatch.setattr(cookies, "time", lambda: 1_000_000_000.9)
    assert render_cookie("a", "b", expires=0, **BARE) == "a=b; expires=Sun, 09 Sep 2001 01:46:40 GMT"
    assert render_cookie("a", "b", expires=-40, **BARE) == "a=b; expires=Sun, 09 Sep 2001 01:46:00 GMT"


def test_a_moment_is_written_in_gmt():
    there = timezone(timedelta(hours=5))
    assert render_cookie("a", "b", expires=datetime(2024, 1, 1, 5, tzinfo=there), **BARE) == (
        "a=b; expires=Mon, 01 Jan 2024 00:00:00 GMT"
    )


def test_an_expiry_without_time_zone_is_rejected():
    with pytest.raises(ValueError, match="time zone"):
        render_cookie("a", "b", expires=datetime(2024, 1, 1))  # noqa: DTZ001 - what is rejected


@pytest.mark.parametrize("name", ["", "a b", "a;", "a=b", "é", "a\n", "a\r\nx", '"a"', "a,"])
def test_a_name_that_is_not_a_token_is_rejected(name):
    with pytest.raises(ValueError, match="Illegal key"):
        render_cookie(name, "x")


@pytest.mark.parametrize("attribute", ["path", "domain", "expires"])
@pytest.mark.parametrize("bad", ["/a;b", "a\nb", "a\r\nSet-Cookie: x", "a\x00", "é", "a\x7f", "a\n"])
def test_an_attribute_with_invalid_characters_is_rejected(attribute, bad):
    with pytest.raises(ValueError, match=f"invalid cookie {attribute}"):
        render_cookie("a", "b", **{attribute: bad})


def test_an_age_is_a_number():
    assert render_cookie("a", "b", max_age="12", **BARE) == "a=b; Max-Age=12"
    with pytest.raises(ValueError, match="invalid literal"):
        render_cookie("a", "b", max_age="12; Domain=evil")


def test_a_value_outside_latin_1_is_rejected():
    with pytest.raises(ValueError, match="cookie `a`"):
        render_cookie("a", "€")


def test_an_unknown_same_site_is_rejected():
    with pytest.raises(ValueError, match=r"^samesite must be either 'strict', 'lax' or 'none'$"):
        render_cookie("a", "b", samesite="sometimes")


def test_an_expiry_outside_the_range_of_http_dates_is_rejected():
    with pytest.raises(ValueError, match="outside of the range of HTTP dates"):
        render_cookie("a", "b", expires=10**30)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", {}),
        ("a=b; c=d", {"a": "b", "c": "d"}),
        ("a", {"": "a"}),
        ("a;b=c", {"": "a", "b": "c"}),
        ("=x", {"": "x"}),
        ('a="b c"; d="\\054\\"x"', {"a": "b c", "d": ',"x'}),
        ("a=b=c", {"a": "b=c"}),
        (" a = b ; ;\t", {"a": "b"}),
        ("a=1; a=2", {"a": "2"}),
        ('a="x', {"a": '"x'}),
        ("a=\\054", {"a": "\\054"}),
        ('"a"=1', {'"a"': "1"}),
        ('a="b;c"; d=1', {"a": '"b', "": 'c"', "d": "1"}),
        ('a="\\101\\9"', {"a": "A9"}),
        ('a=""', {"a": ""}),
        ('=""', {"": ""}),
        ('a="', {"a": '"'}),
        ("a=b, c=d", {"a": "b, c=d"}),
        ("$Version=1; a=b", {"$Version": "1", "a": "b"}),
        ("; ;=;=x; y", {"": "y"}),
        ('a="\\400\\377"', {"a": "400ÿ"}),
        ('a="\\\n"', {"a": "\n"}),
    ],
)
def test_headers_are_read_as_browsers_mean_them(header, expected):
    assert parse_cookies(header) == expected


def test_utf_8_bytes_keep_their_ends():
    header = "a=voilà; b=\u0085".encode().decode("latin-1")
    assert parse_cookies(header)["a"].encode("latin-1").decode() == "voilà"

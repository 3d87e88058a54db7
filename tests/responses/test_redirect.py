import re
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.datastructures.url import URL
from signette.responses import RedirectResponse
from tests.asgi import exchange


def location(url: str | URL) -> str:
    return RedirectResponse(url).headers["location"]


async def test_a_redirect_sends_no_content() -> None:
    response = await exchange(RedirectResponse("/next"))
    assert (response.status, response.body) == (307, b"")
    assert response.headers == {"content-length": "0", "location": "/next"}


def test_status_and_headers_are_the_callers() -> None:
    response = RedirectResponse("/next", 303, {"cache-control": "no-store", "location": "/other"})
    assert response.status_code == 303
    assert response.headers.getlist("location") == ["/next"]
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://example.org/a?b=c&d=%20#e", "https://example.org/a?b=c&d=%20#e"),
        ("http://user:pw@[::1]:8000/", "http://user:pw@[::1]:8000/"),
        ("//cdn.example/x", "//cdn.example/x"),
        ("../up?x=1", "../up?x=1"),
        ("/I ♥ it/", "/I%20%E2%99%A5%20it/"),
        ("/\\evil.example", "/%5Cevil.example"),
        ("\\\\evil.example", "%5C%5Cevil.example"),
        ("/\t/evil.example", "/%09/evil.example"),
        ("\t//evil.example", "%09//evil.example"),
        ("/a\r\nset-cookie: a=b", "/a%0D%0Aset-cookie:%20a=b"),
        ("/a\ud800", "/a%ED%A0%80"),
        ("", ""),
    ],
)
def test_urls_are_quoted_and_absolute_ones_work(url: str, sent: str) -> None:
    assert location(url) == sent


def test_a_url_object_is_taken() -> None:
    assert location(URL("https://example.org/a b")) == "https://example.org/a%20b"


@given(st.text())
def test_a_quoted_url_stays_unchanged(url: str) -> None:
    sent = location(url)
    assert re.fullmatch(r"[!#$%&'()*+,/0-9:;=?@A-Z\[\]_a-z~.-]*", sent)
    assert location(sent) == sent
    if not any(0xD800 <= ord(character) < 0xE000 for character in url):
        assert unquote(sent) == unquote(url)


ODD_TEXTS = st.text(alphabet="/\\\t\n\r\0 ae.:@%?#\x7f\u00a0\u2028")


@given(ODD_TEXTS.filter(lambda path: not path.startswith("/")))
def test_no_path_becomes_another_host(path: str) -> None:
    # What browsers do to a URL before they read it: drop tabs and line ends, trim, and take a back slash for a slash.
    read = re.sub("[\t\r\n]", "", location("/" + path)).strip("\x00\x20").replace("\\", "/")
    parts = urlsplit(read)
    assert (parts.scheme, parts.netloc) == ("", "")

import copy
import ipaddress
import pickle
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette._http.host import host_name, valid_host
from signette.datastructures import URL, Address, URLPath
from signette.datastructures.url import host_of

FULL = "https://user:pa%40ss@[fe::2]:8080/a/b;x?q=1&q=2#frag"


def scope_of(**values: Any) -> dict[str, Any]:
    return {"type": "http", "path": "/p", "server": ("srv", 80), **values}


def with_host(host: str | bytes, **values: Any) -> dict[str, Any]:
    raw = host if isinstance(host, bytes) else host.encode("latin-1")
    return scope_of(headers=[(b"accept", b"*/*"), (b"host", raw)], **values)


def test_a_url_names_all_its_parts() -> None:
    url = URL(FULL)
    assert (url.scheme, url.netloc, url.path) == ("https", "user:pa%40ss@[fe::2]:8080", "/a/b;x")
    assert (url.query, url.fragment) == ("q=1&q=2", "frag")
    assert (url.username, url.password, url.hostname, url.port) == ("user", "pa%40ss", "fe::2", 8080)
    assert url.components == urlsplit(FULL)
    assert str(url) == FULL


def test_a_url_may_be_empty() -> None:
    assert str(URL()) == str(URL("")) == URL().path == URL().scheme == ""
    assert (URL().hostname, URL().port, URL().username, URL().password) == (None, None, None, None)


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("ws", False), ("https", True), ("wss", True)])
def test_https_and_wss_are_secure(scheme: str, secure: bool) -> None:
    assert URL(f"{scheme}://host").is_secure == secure


def test_a_url_equals_its_text() -> None:
    assert URL("http://a/b") == URL("http://a/b") == "http://a/b"
    assert URL("http://a/b") != URL("http://a/c")
    assert URL("http://a/b") != 1
    assert {URL("http://a/b"): 1}["http://a/b"] == 1  # type: ignore[index]  # a text is no URL, but equal to one


def test_a_url_has_one_source_only() -> None:
    for names, values in {
        ("url", "scope"): {"url": "x", "scope": scope_of()},
        ("scope", "**components"): {"scope": scope_of(), "path": "/"},
        ("url", "**components"): {"url": "x", "path": "/"},
    }.items():
        with pytest.raises(TypeError, match="Cannot set both") as caught:
            URL(**values)
        assert all(f'"{name}"' in str(caught.value) for name in names)


@pytest.mark.parametrize("make", [lambda: URL(FULL), lambda: URL(scope=scope_of()), lambda: URL(path="/a")])
def test_a_url_is_copied_and_pickled(make: Any) -> None:
    url = make()
    for twin in (copy.copy(url), copy.deepcopy(url), pickle.loads(pickle.dumps(url))):
        assert twin == url
        assert twin.components == url.components


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:secret@host/", "http://user:********@host/"),
        ("http://:secret@host/", "http://:********@host/"),
        ("http://user:a@secret@host/", "http://user:********@host/"),
        ("http://user:secret@host:port/", "http://user:********@host:port/"),
        ("http://user:secret@[::1", "********@[::1"),
        ("http://user:@host", "http://user:@host"),
        ("http://user@host", "http://user@host"),
        ("/path?mail=a:b@c", "/path?mail=a:b@c"),
    ],
)
def test_the_repr_hides_the_password(url: str, shown: str) -> None:
    assert repr(URL(url)) == f"URL({shown!r})"
    assert str(URL(url)) == url


@given(st.text())
def test_the_repr_never_raises(text: str) -> None:
    assert repr(URL(f"http://{text}")).startswith("URL(")


@pytest.mark.parametrize(
    ("url", "parts", "expected"),
    [
        (FULL, {"hostname": "h"}, "https://user:pa%40ss@h:8080/a/b;x?q=1&q=2#frag"),
        (FULL, {"hostname": "::1"}, "https://user:pa%40ss@[::1]:8080/a/b;x?q=1&q=2#frag"),
        (FULL, {"hostname": "[::1]"}, "https://user:pa%40ss@[::1]:8080/a/b;x?q=1&q=2#frag"),
        (FULL, {"hostname": None}, FULL),
        (FULL, {"hostname": "example.org:8443"}, "https://user:pa%40ss@example.org:8443/a/b;x?q=1&q=2#frag"),
        (
            FULL,
            {"hostname": "example.org:8443", "port": None},
            "https://user:pa%40ss@example.org:8443/a/b;x?q=1&q=2#frag",
        ),
        (FULL, {"hostname": "[::1]:8443", "port": None}, "https://user:pa%40ss@[::1]:8443/a/b;x?q=1&q=2#frag"),
        ("http://h:1/p", {"hostname": "[::1]:2"}, "http://[::1]:2/p"),
        ("http://h/p", {"hostname": "x:0"}, "http://x:0/p"),
        ("http://h:1/p", {"hostname": "fe80::1%eth0"}, "http://[fe80::1%eth0]:1/p"),
        ("http://h:1/p", {"hostname": "[v1.a:b]"}, "http://[v1.a:b]:1/p"),
        ("http://h:65536/p", {"hostname": "x", "port": None}, "http://x/p"),
        (FULL, {"port": None}, "https://user:pa%40ss@[fe::2]/a/b;x?q=1&q=2#frag"),
        (FULL, {"port": 1}, "https://user:pa%40ss@[fe::2]:1/a/b;x?q=1&q=2#frag"),
        (FULL, {"username": "x"}, "https://x:pa%40ss@[fe::2]:8080/a/b;x?q=1&q=2#frag"),
        (FULL, {"username": None}, "https://[fe::2]:8080/a/b;x?q=1&q=2#frag"),
        (FULL, {"password": None}, "https://user@[fe::2]:8080/a/b;x?q=1&q=2#frag"),
        (FULL, {"netloc": "other"}, "https://other/a/b;x?q=1&q=2#frag"),
        (FULL, {"netloc": "other:1", "port": 2}, "https://other:2/a/b;x?q=1&q=2#frag"),
        (FULL, {"scheme": "ws", "path": "/", "query": "", "fragment": ""}, "ws://user:pa%40ss@[fe::2]:8080/"),
        (FULL, {}, FULL),
        ("http://EX.org:80", {"username": "q"}, "http://q@EX.org:80"),
        ("http://u@h", {"password": "x"}, "http://u:x@h"),
        ("redis://h", {"password": "x"}, "redis://:x@h"),
        ("redis://h", {"password": ""}, "redis://h"),
        ("redis://u:x@h", {"password": ""}, "redis://u:@h"),
        ("redis://:old@h", {"password": "new"}, "redis://:new@h"),
        ("redis://:old@h", {"password": None}, "redis://h"),
        ("http://h", {"username": "a@b:c/", "password": "p@:/?#[%40"}, "http://a%40b%3Ac%2F:p%40%3A%2F%3F%23%5B%40@h"),
        ("http://h:80", {"port": 0}, "http://h:0"),
        ("http://h:", {"port": 1}, "http://h:1"),
        ("http://h:x", {"port": 1}, "http://h:1"),
        ("/path", {"hostname": "h"}, "//h/path"),
        ("/path", {"scheme": "http", "netloc": "h"}, "http://h/path"),
        ("http://h", {"path": "x"}, "http://h/x"),
    ],
)
def test_parts_are_replaced(url: str, parts: dict[str, Any], expected: str) -> None:
    replaced = URL(url).replace(**parts)
    assert str(replaced) == expected
    assert replaced.components == urlsplit(expected) or replaced.path == "x"


@pytest.mark.parametrize(
    "hostname",
    [
        "x:",
        "x:y",
        "x:8a",
        "x:+1",
        "x:-1",
        "x:٣",
        ":80",
        "a:b:c",
        "1:2:3",
        "[::1",
        "[x",
        "x]",
        "[::1]x",
        "[::1]:",
        "[::1]:y",
    ],
)
def test_a_colon_in_a_host_is_part_of_an_ipv6_address_or_begins_a_port(hostname: str) -> None:
    message = f"Invalid hostname: {hostname!r}. Expected a name or an IP address, optionally with a port."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        URL("http://h").replace(hostname=hostname)
    with pytest.raises(ValueError, match="Invalid hostname"):
        URL(scheme="http", hostname=hostname)


@pytest.mark.parametrize("hostname", ["x:8080", "[::1]:8080"])
def test_a_host_with_a_port_and_another_port_are_rejected(hostname: str) -> None:
    message = f"The hostname {hostname!r} has a port. Set the port there or in `port`, not in both."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        URL("http://h").replace(hostname=hostname, port=80)


@given(
    st.one_of(st.sampled_from(["x.example", "[::1]", "::1", "h"]), st.ip_addresses().map(str)), st.integers(0, 65535)
)
def test_a_host_and_its_port_are_what_was_set(hostname: str, port: int) -> None:
    address = f"[{hostname}]" if ":" in hostname and not hostname.startswith("[") else hostname
    apart = URL("http://h:1/p").replace(hostname=hostname, port=port)
    together = URL("http://h:1/p").replace(hostname=f"{address}:{port}", port=None)
    assert apart == together == f"http://{address}:{port}/p"
    assert (apart.hostname, apart.port) == (address.strip("[]"), port)


def test_an_unknown_component_is_rejected() -> None:
    with pytest.raises((ValueError, TypeError), match="bogus"):
        URL("http://h").replace(bogus=1)


def test_a_url_is_made_from_components() -> None:
    url = URL(scheme="http", hostname="::1", port=8, path="/p", query="q", fragment="f")
    assert url == "http://[::1]:8/p?q#f"
    assert URL(path="/p") == "/p"
    assert URL(scheme="https", netloc="h") == "https://h"


# A lone surrogate is no text.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(TEXTS, TEXTS)
def test_any_user_name_and_password_stay_in_the_userinfo(username: str, password: str) -> None:
    again = URL(str(URL("http://host:1/path").replace(username=username, password=password)))
    assert (again.hostname, again.port, again.path, again.query) == ("host", 1, "/path", "")
    assert again.password


def test_query_parameters_are_included_replaced_and_removed() -> None:
    url = URL("http://h/?a=1&a=2&b=#f")
    assert url.include_query_params(a=3, c="x y") == "http://h/?b=&a=3&c=x+y#f"
    assert url.include_query_params() == url
    assert url.replace_query_params(d=True) == "http://h/?d=True#f"
    assert url.replace_query_params() == "http://h/#f"
    assert url.remove_query_params("a") == "http://h/?b=#f"
    assert url.remove_query_params(["a", "b", "z"]) == "http://h/#f"
    assert url.remove_query_params(()) == url
    assert URL("http://h").include_query_params(a="é&=") == "http://h?a=%C3%A9%26%3D"
    assert str(url) == "http://h/?a=1&a=2&b=#f"


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({}, ""),
        ({"path": "/p"}, "/p"),
        ({"type": "http", "path": "/p", "query_string": b"a=1"}, "/p?a=1"),
        (scope_of(), "http://srv/p"),
        (scope_of(server=None), "/p"),
        (scope_of(server=["h", 8000]), "http://h:8000/p"),
        (scope_of(scheme="https"), "https://srv:80/p"),
        (scope_of(scheme="https", server=("h", 443)), "https://h/p"),
        (scope_of(scheme="wss", server=("h", 443)), "wss://h/p"),
        (scope_of(type="websocket"), "ws://srv/p"),
        (scope_of(server=("::1", 80)), "http://[::1]/p"),
        (scope_of(server=("::1", 8000)), "http://[::1]:8000/p"),
        (scope_of(server=("/tmp/some.sock", None)), "/p"),
        (with_host("ex.org"), "http://ex.org/p"),
        (with_host("EX.org:80", scheme="https"), "https://EX.org:80/p"),
        (with_host("ex.org", root_path="/r", path="/r/p"), "http://ex.org/r/p"),
        (with_host("ex.org", path=""), "http://ex.org"),
        (with_host("ex.org", path="p"), "http://ex.org/p"),
        (with_host("ex.org", path="//p"), "http://ex.org//p"),
        (with_host("ex.org", path="/a b?#é;\\"), "http://ex.org/a b%3F%23é;%5C"),
        (with_host("ex.org", path="/a\tb\r\nc\0\x7f"), "http://ex.org/a%09b%0D%0Ac%00%7F"),
        (with_host("ex.org", query_string=b"a=%20&b"), "http://ex.org/p?a=%20&b"),
        (with_host("ex.org", query_string=b"a#b?c\n"), "http://ex.org/p?a%23b?c%0A"),
        (with_host("ex.org", query_string="é".encode()), "http://ex.org/p?é"),
        (with_host("ex.org", query_string=b"a=\xff&b=%41 +;/?"), "http://ex.org/p?a=%FF&b=%41 +;/?"),
        (with_host("a b"), "http://srv/p"),
        (scope_of(headers=[(b"host", b"first"), (b"host", b"second")]), "http://first/p"),
        (scope_of(server=None, path="javascript:x"), "/javascript:x"),
        (scope_of(server=None, path="//evil.org/p"), "/%2Fevil.org/p"),
        (scope_of(server=None, path="/\\evil.org"), "/%5Cevil.org"),
        (scope_of(server=None, path="/\t/evil.org"), "/%09/evil.org"),
    ],
)
def test_a_connection_has_its_url(scope: dict[str, Any], expected: str) -> None:
    url = URL(scope=scope)
    assert str(url) == expected
    assert url == URL(expected)
    assert url.components == urlsplit(expected)


@given(
    st.text(st.characters(codec="utf-8")),
    st.binary(),
    st.one_of(st.none(), st.binary()),
    st.sampled_from([None, ("srv", 80), ("::1", 1)]),
)
def test_any_request_has_a_url_that_is_parsed_to_the_same_parts(
    path: str, query: bytes, host: bytes | None, server: tuple[str, int] | None
) -> None:
    headers = [] if host is None else [(b"host", host)]
    url = URL(scope={"type": "http", "path": path, "query_string": query, "headers": headers, "server": server})
    again = URL(str(url))
    assert again.components == url.components
    assert url.fragment == ""
    assert url.username is None
    assert (url.hostname is None) == (url.netloc == "")
    assert url.port is None or url.port <= 65535
    repr(url)


def test_a_url_does_not_change_with_its_scope() -> None:
    scope = with_host("ex.org")
    url = URL(scope=scope)
    scope["path"] = "/other"
    scope["headers"].clear()
    assert url == "http://ex.org/p"


VALID_HOSTS = [
    "ex.org",
    "ex.org:80",
    "EX.ORG",
    "h:0",
    "h:65535",
    "h:080",
    "h:000080",
    "h:00000000065535",
    "h:" + "0" * 600 + "80",
    "99999",
    "1.2.3.4",
    "1.2.3.4:5",
    "a..b",
    "-a",
    "a.",
    "ex_org",
    "%41",
    "a!$&'()*+,;=~b",
    "[::1]",
    "[::1]:80",
    "[::ffff:1.2.3.4]",
    "[v1.a:b]",
    "[vF.x]:1",
    "[::1]:000080",
]

# Valid hosts, whose port `URL.port` could not return: the URL has the address of the server.
PORTS_OUT_OF_RANGE = [
    f"{host}:{port}" for host in ("h", "[::1]") for port in ("65536", "100000", "9" * 5000, "0" * 5000)
]

INVALID_HOSTS = [
    *[
        "ex.org:",
        "ex.org:x",
        ":80",
        "u:p@h",
        "u@h",
        "h/x",
        "h?x",
        "h#x",
        "h:1:2",
        "::1",
        "[::1",
        "::1]",
        "[]",
        "[]:80",
        "[zz]",
        "[1::2::3]",
        "[::1]80",
        "[::1]:",
        "[::1]:x",
        "[::1%eth0]",
        "[::1%25eth0]",
        "[v.a]",
        "[v1.]",
        "[V1.a]",
        "[::1]x:80",
        "[[::1]]",
        "a[::1]",
        "a<b",
        "a|b",
        "a^b",
        "a`b",
        "a{b",
        'a"b',
        "a\\b",
        "h:+1",
        "h:-1",
        "h:1_0",
        "é",
        "h:²",
    ],
    *["", " ", "a b", " a", "a ", "a\t", "a\r\nb", "a\0", "h:80 ", "h: 80"],
]


@pytest.mark.parametrize("host", VALID_HOSTS)
def test_a_host_is_a_name_or_an_address_and_perhaps_a_port(host: str) -> None:
    assert valid_host(host.encode())
    assert URL(scope=with_host(host)).netloc == host


@pytest.mark.parametrize("host", INVALID_HOSTS)
def test_an_invalid_host_header_is_ignored(host: str) -> None:
    assert not valid_host(host.encode())
    assert URL(scope=with_host(host.encode())).netloc == "srv"
    assert URL(scope=with_host(host.encode(), server=None)).netloc == ""


@pytest.mark.parametrize("host", PORTS_OUT_OF_RANGE)
def test_a_port_out_of_range_is_valid_and_never_part_of_a_url(host: str) -> None:
    assert valid_host(host.encode())
    assert host_name(host.encode()) == host.rpartition(":")[0]
    assert URL(scope=with_host(host.encode())).netloc == "srv"
    assert URL(scope=with_host(host.encode(), server=None)).netloc == ""


@given(st.sampled_from(["h", "a.example", "[::1]"]), st.from_regex(rb"[0-9]+", fullmatch=True))
def test_a_port_is_any_number_of_digits(host: str, port: bytes) -> None:
    field = host.encode() + b":" + port
    assert host_name(field) == host
    url = URL(scope=with_host(field))
    assert url.port == (int(port) if int(port) <= 65535 else None)


@given(st.ip_addresses(v=6), st.integers(0, 65535))
def test_every_ipv6_address_is_a_host(address: ipaddress.IPv6Address, port: int) -> None:
    assert valid_host(f"[{address}]:{port}".encode())
    assert valid_host(f"[{address.exploded}]".encode())
    assert URL(scope=with_host(f"[{address}]:{port}")).hostname == str(address)


def test_the_first_host_of_the_headers_is_the_one() -> None:
    assert host_of([(b"a", b"b"), (b"host", b"x"), (b"host", b"y")]) == "x"
    assert host_of([(b"host", b"not valid"), (b"host", b"y")]) is None
    assert host_of([]) is None


@pytest.mark.parametrize(
    ("path", "base", "expected"),
    [
        (URLPath("/p"), "https://ex.org/", "https://ex.org/p"),
        (URLPath("/p"), "https://ex.org/root/", "https://ex.org/root/p"),
        (URLPath("/p"), URL("https://ex.org/root?q=1#f"), "https://ex.org/root/p"),
        (URLPath("/p", protocol="websocket"), "https://ex.org", "wss://ex.org/p"),
        (URLPath("/p", protocol="websocket"), "http://ex.org", "ws://ex.org/p"),
        (URLPath("/p", protocol="http"), "wss://ex.org", "https://ex.org/p"),
        (URLPath("/p", protocol="http"), "ws://ex.org", "http://ex.org/p"),
        (URLPath("/p", host="h"), "wss://ex.org:90", "wss://h/p"),
        (URLPath("/p"), "ftp://ex.org", "ftp://ex.org/p"),
        (URLPath("//evil.org/x"), "http://ex.org", "http://ex.org/%2Fevil.org/x"),
        (URLPath("//evil.org/x"), "", "/%2Fevil.org/x"),
        (URLPath(""), "http://ex.org/", "http://ex.org"),
    ],
)
def test_a_path_becomes_a_url_below_a_base(path: URLPath, base: str | URL, expected: str) -> None:
    url = path.make_absolute_url(base)
    assert isinstance(url, URL)
    assert url == expected


def test_a_url_path_is_text() -> None:
    path = URLPath("/p", protocol="http", host="h")
    assert path == "/p"
    assert repr(path) == "'/p'"
    assert (path.protocol, path.host) == ("http", "h")
    twin = pickle.loads(pickle.dumps(path))
    assert (twin, twin.protocol, twin.host) == ("/p", "http", "h")


def test_a_url_path_knows_two_protocols() -> None:
    with pytest.raises(ValueError, match="not 'ftp'"):
        URLPath("/p", protocol="ftp")  # type: ignore[arg-type]  # on purpose


def test_an_address_is_a_pair() -> None:
    assert Address("h", 1) == ("h", 1)
    assert Address(host="h", port=1).port == 1
    assert repr(Address("h", 1)) == "Address(host='h', port=1)"

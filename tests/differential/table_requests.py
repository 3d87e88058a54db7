"""Differences between routes, requests and responses."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urljoin, urlsplit

from tests.differential.differences import (
    NOTHING_TO_DO,
    WHOLE,
    Difference,
    Seen,
    all_of_it,
    fields,
    statuses,
    when,
)
from tests.differential.exchanges import Ask


def _without_allow(value: tuple[str, ...] | None) -> set[str]:
    return {word.strip() for text in value or () for word in text.split(",") if word.strip()}


def _wider_allow(seen: Seen) -> bool:
    theirs, ours = seen.aspects().get("allow", (None, None))
    return _without_allow(theirs) <= _without_allow(ours) and seen.theirs.status == seen.ours.status == 405


def _same_place(seen: Seen, root: str = "") -> bool:
    """Whether both redirect to one place, there with the host and here without, but below this root."""
    theirs, ours = seen.theirs.header("location"), seen.ours.header("location")
    if theirs is None or ours is None or theirs == ours:
        return False
    there = urljoin("http://here.example" + quote(seen.ask.path, errors="replace"), ours)
    path, *rest = urlsplit(theirs)[2:]
    return [root + path, *rest] == list(urlsplit(there)[2:]) and not urlsplit(ours).netloc


def _escaped_slash(seen: Seen) -> Iterable[str]:
    if "%2f" not in seen.ask.target.lower():
        return ()
    is_other_route = seen.application == "routing" or 404 in {seen.theirs.status, seen.ours.status}
    return seen.aspects() if is_other_route else ("location",)  # redirects keep the escape


CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def _charset(seen: Seen) -> str:
    return seen.ask.field(b"content-type").decode("latin-1").partition("charset=")[2].lower()


def _is_json(seen: Seen) -> bool:
    return seen.application == "requests" and seen.ask.target == "/json"


def _is_cut_off(seen: Seen) -> bool:
    return b"cut off" in seen.ours.body and seen.ask.target == "/form"


def _asked(seen: Seen, name: str) -> str | None:
    return dict(parse_qsl(seen.ask.query.decode("latin-1"), keep_blank_values=True)).get(name)


_ROUTING = [
    Difference(
        "allow",
        "`Allow` has the methods of the first route of a path, in no fixed order",
        "it has the methods of all routes of the path, sorted",
        NOTHING_TO_DO,
        ("routing", Ask("DELETE", "/methods")),
        when(_wider_allow, "allow"),
    ),
    Difference(
        "options",
        "`OPTIONS` is a 405, unless a route has it in its methods",
        "it is a 204 with `Allow`",
        'a route with `methods=["OPTIONS"]` responds on its own',
        ("routing", Ask("OPTIONS", "/plain")),
        when(
            # A path that no file can have is a 404 there for all methods.
            lambda seen: (
                seen.ask.method == "OPTIONS"
                and (statuses(405, 204)(seen) or statuses(404, 204, application="files")(seen))
            ),
            *("status", "body", "content-length", "content-type", "allow"),
        ),
    ),
    Difference(
        "slash",
        "a redirect for a slash has scheme and host",
        "`Location` is relative: it works behind proxies, and no `Host` header can change it",
        "compare the path of `Location`, or follow the redirect",
        ("routing", Ask(target="/plain/")),
        when(_same_place, "location"),
    ),
    Difference(
        "a root that is taken off",
        "behind a proxy that removes `root_path` from the path, mounts are a 404, and a redirect for a slash leaves"
        " `root_path`",
        "mounts work, and the redirect stays below `root_path`",
        NOTHING_TO_DO,
        ("routing", Ask(target="/slash", root_path="/root")),
        all_of_it(
            lambda seen: (
                seen.ask.root_path
                and not seen.ask.path.startswith(seen.ask.root_path)
                and (seen.theirs.status == 404 or _same_place(seen, seen.ask.root_path.rstrip("/")))
            )
        ),
    ),
    Difference(
        "escaped values",
        "`url_path_for()` and `url_for()` insert values unchanged: a `?` begins a query",
        "they percent-encode values, except for slashes",
        "remove your own `quote()`",
        ("routing", Ask(target="/urls", query=b"name=users:root&user=a%20b%3Fc")),
        when(
            lambda seen: (
                seen.ask.target == "/urls"
                and seen.theirs.body != seen.ours.body
                and unquote_to_bytes(seen.theirs.body) == unquote_to_bytes(seen.ours.body)
            ),
            *("body", "content-length"),
        ),
    ),
    Difference(
        "long number",
        "`{n:int}` with thousands of digits is a 500",
        "it is a 404",
        NOTHING_TO_DO,
        ("routing", Ask(target="/int/" + "1" * 5000)),
        when(lambda seen: seen.theirs.raised == "ValueError" and seen.ours.status == 404, *WHOLE),
    ),
    Difference(
        "escaped slash",
        "an escaped slash separates segments: `/str/a%2Fb` is `/str/a/b`",
        "it is part of a value: `/str/a%2Fb` matches `/str/{text}`, and `text` is `a/b`; `{rest:path}` matches in both",
        "`{rest:path}`, if clients escape the slashes between segments",
        ("routing", Ask(target="/str/a%2Fb")),
        _escaped_slash,
    ),
    Difference(
        "new line",
        "a new line at the end of a path is ignored: `/plain%0A` is `/plain`",
        "it is another path, which only `{rest:path}` matches",
        NOTHING_TO_DO,
        ("routing", Ask(target="/plain%0A")),
        # A path with a new line elsewhere matches no `{rest:path}` there, for all methods.
        all_of_it(
            lambda seen: "\n" in seen.ask.path and {404} < {seen.theirs.status, seen.ours.status} <= {404, 200, 405}
        ),
    ),
]

_REQUESTS = [
    Difference(
        "broken JSON",
        "`request.json()` is a 500 for an invalid body",
        "it is a 400, and still raises a `ValueError`",
        "nothing; your own `try` still works",
        ("requests", Ask("POST", "/json", pieces=(b"[1,",))),
        when(lambda seen: _is_json(seen) and seen.theirs.raised and statuses(500, 400)(seen), *WHOLE),
    ),
    Difference(
        "JSON in UTF-16",
        "a JSON body may be in UTF-16 or UTF-32",
        "it is UTF-8, as RFC 8259 says; any other encoding is a 400",
        "decode such a body on your own: `json.loads(await request.body())`",
        ("requests", Ask("POST", "/json", pieces=("{}".encode("utf-16"),))),
        when(lambda seen: _is_json(seen) and statuses(200, 400)(seen), *WHOLE),
    ),
    Difference(
        "bytes in a query",
        "`request.url` is a 500 if the query string has a byte over 127",
        "the byte is percent-encoded",
        NOTHING_TO_DO,
        ("requests", Ask(query=b"a=\xff")),
        when(lambda seen: seen.theirs.raised == "UnicodeDecodeError" and seen.ours.status < 400, *WHOLE, "location"),
    ),
    Difference(
        "bytes in a form",
        "a byte over 127 in an urlencoded form is Latin-1",
        "it is UTF-8, as the WHATWG's URL standard says; an invalid byte is U+FFFD",
        NOTHING_TO_DO,
        (
            "requests",
            Ask("POST", "/form", headers=fields(content_type="application/x-www-form-urlencoded"), pieces=(b"a=\xff",)),
        ),
        when(
            lambda seen: (
                seen.ask.target == "/form"
                and b"urlencoded" in seen.ask.field(b"content-type")
                and max(b"".join(seen.ask.pieces), default=0) > 127
                and statuses(200, 200)(seen)
            ),
            *("body", "content-length"),
        ),
    ),
    Difference(
        "control characters",
        "`request.url` has control characters of the path unchanged, and `replace()` drops them",
        "they are percent-encoded",
        NOTHING_TO_DO,
        ("requests", Ask(target="/a%1F")),
        when(
            lambda seen: seen.application in {"requests", "hosts", "https"} and CONTROL.search(seen.ask.path),
            *("body", "content-length", "location"),
        ),
    ),
    Difference(
        "escaped slash in a URL",
        "`request.url.path` has a slash for `%2F`",
        "it has `%2F`: it is the path that routes are matched with",
        "nothing, unless you split it by hand",
        ("requests", Ask(target="/a%2Fb")),
        when(
            lambda seen: seen.application == "requests" and "%2f" in seen.ask.target.lower(),
            *("body", "content-length"),
        ),
    ),
    Difference(
        "cut off",
        "a truncated multipart form is read as a shorter one",
        "it is a 400",
        NOTHING_TO_DO,
        ("requests", Ask("POST", "/form", headers=fields(content_type="multipart/form-data; boundary=x"))),
        when(lambda seen: _is_cut_off(seen) and statuses(200, 400)(seen), *WHOLE),
    ),
    Difference(
        "charsets",
        "the `charset` of a form may be any text encoding of Python, also UTF-7 and UTF-16",
        "it may be one of the [WHATWG's labels](https://encoding.spec.whatwg.org/#names-and-labels), such as"
        " `windows-1253`; any other form is read as UTF-8",
        "send UTF-8",
        (
            "requests",
            Ask(
                "POST",
                "/form",
                headers=fields(content_type="multipart/form-data; boundary=x; charset=utf-7"),
                pieces=(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n+AOk-\r\n--x--',),
            ),
        ),
        when(lambda seen: seen.ask.target == "/form" and _charset(seen) in {"utf-7", "utf-16"}, *WHOLE),
    ),
    Difference(
        "why a form is invalid",
        "`Invalid multipart data.` does not say what is invalid",
        "it does: `The boundary may have at most 256 bytes.`",
        NOTHING_TO_DO,
        ("requests", Ask("POST", "/form", headers=fields(content_type="multipart/form-data; boundary=" + "x" * 257))),
        when(
            lambda seen: (
                statuses(400, 400)(seen)
                and seen.theirs.body != seen.ours.body
                and seen.ours.body.startswith(seen.theirs.body + b" ")
            ),
            *("body", "content-length"),
        ),
    ),
]

_OF_A_STREAM = ("raised", "complete", "body")

_RESPONSES = [
    Difference(
        "no body",
        "a response with status 1xx, 204, 205 or 304 sends its body",
        "it sends no body",
        NOTHING_TO_DO,
        ("responses", Ask(query=b"text=hello&status=204")),
        when(lambda seen: seen.ours.status in {101, 204, 205, 304} and seen.ours.body == b"", "body", "content-length"),
    ),
    Difference(
        "HEAD of a stream",
        "the iterator of a `StreamingResponse` runs to its end for HEAD, too",
        "the response has headers only, and the iterator is closed",
        "do not rely on side effects of the iterator",
        ("errors", Ask("HEAD", "/midway")),
        when(
            lambda seen: (
                isinstance(seen.ask, Ask) and seen.ask.method == "HEAD" and seen.theirs.body and not seen.ours.body
            ),
            *_OF_A_STREAM,
        ),
    ),
    Difference(
        "cookies",
        "`set_cookie` sends an invalid value unchanged (`;` in a path), or raises one of several exceptions",
        "it raises a `ValueError`",
        "catch `ValueError`",
        ("responses", Ask(query=b"cookie=a&path=a;b")),
        all_of_it(
            lambda seen: seen.ours.raised == "ValueError" and {_asked(seen, "cookie"), _asked(seen, "delete")} != {None}
        ),
    ),
    Difference(
        "cookie names",
        "a cookie cannot have the name of an attribute, such as `path`",
        "it can",
        NOTHING_TO_DO,
        ("responses", Ask(query=b"cookie=path")),
        all_of_it(lambda seen: seen.theirs.raised == "CookieError" and _asked(seen, "cookie") == "path"),
    ),
    Difference(
        "phrases",
        "the phrase of a status depends on the version of Python",
        "it is that of RFC 9110: 413 `Content Too Large`, 422 `Unprocessable Content`",
        "pass `detail=` if the text matters",
        ("errors", Ask(target="/fail", query=b"status=422")),
        when(lambda seen: seen.ours.status in {413, 422} and seen.application == "errors", "body", "content-length"),
        until=(3, 13),
    ),
]


REQUESTS = [*_ROUTING, *_REQUESTS, *_RESPONSES]

"""What is asked: a strategy of requests for each application. Most values are likely ones, some are odd."""

from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from tests.differential.applications import FILES_DATE
from tests.differential.exchanges import Ask, Pairs

Requests = st.SearchStrategy[Ask]

METHODS = st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE"])
ODD_TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
ESCAPED = ODD_TEXT.map(lambda text: quote(text, safe="/:@!$&'()*+,;=~"))
BYTES = st.lists(st.sampled_from(["%00", "%0A", "%FF", "%2F", "%2e", "%5C", "%25", "//", "a", ".", "..", ";", "é"]))
ODD_PATH = st.one_of(ESCAPED, BYTES.map(lambda pieces: quote("".join(pieces[:5]), safe="/%;")))
HOSTS = st.sampled_from(
    "server.example Server.Example:8000 a.hosts.example A.HOSTS.example:80 x.y.hosts.example [::1]:80"
    " [::1 good.example"
    " good.example:000080 good.example:65536 a.hosts.example:100000 plain.example:65536 good.example: good.example:+1"
    " good.example:443 good.example. x.wild.example plain.example www.plain.example user@evil a:b:c a/b"
    " evil%2F -".split()
).map(lambda host: host.replace("-", "").encode())


def fields(**values: st.SearchStrategy[bytes]) -> st.SearchStrategy[Pairs]:
    """Some header fields of those named, each at most once, and then perhaps one of them again."""
    pairs = [st.tuples(st.just(name.replace("_", "-").encode()), value) for name, value in values.items()]
    return st.lists(st.one_of(pairs), max_size=4).map(tuple)


def words(*choices: str) -> st.SearchStrategy[bytes]:
    return st.sampled_from([choice.encode("latin-1") for choice in choices])


def queries(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """A query string of some of these parameters."""
    chosen = st.fixed_dictionaries({}, optional=values)
    return chosen.map(lambda found: urlencode(found, doseq=True, errors="replace").encode())


TEXTS = st.one_of(
    st.sampled_from(["", "hello", "é€", "a b", "//evil.example", "http://x/a?b#c", 'q"q', "a;b,c"]), ODD_TEXT
)

_ROUTED = st.sampled_from(
    "/ /plain /plain/ /slash /slash/ /both /both/ /int/5 /int/-5 /int/x /int/007 /float/1.5 /float/1"
    " /float/1.e /str/a"
    " /str/ /str/a%2Fb /path/ /path/a/b /tail/a/b.txt /tail/.txt /pair/a-b /pair/a-b-c /pair/- /methods /write"
    " /mount /mount/ /mount/leaf"
    " /mount/x/edit /mount/second /mount/deep/3/leaf /mount/deep/x/leaf /mount/leaf/ /users/ann"
    " /users/ann/ /users/a%20b/leaf /users/a%2Fb/leaf /users/a%2Fb/leaf/"
    " /users/ann/deep/1/z /users//leaf /app /app/ /app/leaf /app/none /who /none"
    " /uuid/12345678-1234-5678-1234-567812345678"
    " /uuid/12345678123456781234567812345678 /uuid/x /mountx /INT/5 /socket".split()
)
_NAMES = (
    "int float uuid str path root mount mount:leaf mount:edit mount:deep:leaf users:leaf users:root app:leaf"
    " hosts:root none"
)
_URLS = queries(
    name=st.sampled_from(_NAMES.split()),
    number=st.sampled_from(["5", "0"]),
    user=st.sampled_from(["ann", "a/b", "", "x{name}", "a b?c#d"]),
    name_=st.just("x"),
    text=st.sampled_from(["a", "a/b", ""]),
    rest=st.sampled_from(["a/b", "", "/x", "a"]),
    path=st.sampled_from(["/x", "x", ""]),
    depth=st.just("3"),
    leaf=st.just("leaf"),
    sub=st.just("a"),
)
ROUTING = st.one_of(
    st.builds(
        Ask,
        method=METHODS,
        target=st.one_of(_ROUTED, _ROUTED, st.builds(str.__add__, _ROUTED, ODD_PATH), ODD_PATH.map("/".__add__)),
        query=words("", "", "a=b%20c&d", "x=<y>"),
        headers=fields(host=HOSTS),
        root_path=st.sampled_from(["", "", "/plain", "/mount", "/root/"]),
    ),
    st.builds(
        Ask,
        target=st.sampled_from(["/urls", "/urls", "/root/urls"]),
        query=_URLS,
        headers=fields(host=HOSTS),
        root_path=st.sampled_from(["", "/root"]),
    ),
)

_COOKIES = words(
    "a=1", "a=1; b=2", 'a="x y"; c', "=x; ;; a=b=c", 'q="a\\073b\\""', "a=é", "a = 1 ;b=", "a=1; a=2", '"', "a,b=c"
)
_FACTS = st.builds(
    Ask,
    method=st.sampled_from(["GET", "POST", "PUT"]),
    target=st.one_of(st.just("/x"), ODD_PATH.map("/".__add__)),
    query=st.one_of(
        words("", "a=1&b=2&a=3", "a=%zz&b=+&=c&d", "a;b=1", "%C3%A9=%FF", "a=b=c&&", "\xff=\xe9", "a%20b=[x]"),
        st.lists(st.tuples(ODD_TEXT, ODD_TEXT), max_size=3).map(lambda pairs: urlencode(pairs).encode()),
    ),
    headers=fields(host=HOSTS, cookie=_COOKIES, x_a=words("1", "2", "é"), accept=words("*/*")),
)
_JSON = words(
    "",
    "{}",
    "[1,",
    "null",
    "NaN",
    "Infinity",
    '"\xff"',
    "\xef\xbb\xbf[]",
    '{"a":1,"a":2}',
    "1e5",
    '"\\u00e9\\ud83d\\ude00"',
)
_URLENCODED = st.one_of(
    words(
        "",
        "a=1&b=2",
        "a=%",
        "a=%FF",
        "a+b=c+d",
        "&&a&=b",
        "a=b=c",
        "a;b",
        "a=" + "x" * 300,
        "&".join(["a=1"] * 25),
        "\xff=1",
    ),
    st.lists(st.tuples(ODD_TEXT, ODD_TEXT), max_size=4).map(lambda pairs: urlencode(pairs).encode()),
)
_PARTS = words(
    'Content-Disposition: form-data; name="a"\r\n\r\nhello',
    'Content-Disposition: form-data; name="a"\r\n\r\n\xc3\xa9\xff',
    'Content-Disposition: form-data; name="f"; filename="x.txt"\r\nContent-Type: text/plain\r\n\r\nfile\r\n--y',
    'content-disposition: form-data; name="f"; filename="C:\\d\\x.txt"\r\nX-A: 1\r\n\r\nfile',
    'Content-Disposition: form-data; name="f"; filename=""\r\n\r\n',
    'Content-Disposition: form-data; name="\xc3\xa9"; filename="\xc3\xa9"\r\n\r\nx',
    "Content-Disposition: form-data\r\n\r\nnameless",
    'Content-Disposition: attachment; name="a"\r\n\r\nx',
    'Content-Disposition: form-data; name="a"\r\n\r\n' + "x" * 300,
    "\r\nheadless",
)


def _multipart(parts: list[bytes], end: bytes) -> bytes:
    if not end.startswith(b"--x--"):
        # Starlette never closes the files of a form that was cut off, and what is left open fails a test.
        parts = [part for part in parts if b"filename" not in part]
    return b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + end


_MULTIPART = st.builds(_multipart, st.lists(_PARTS, max_size=4), words("--x--\r\n", "--x--\r\n", "--x--", "", "--x"))
_TYPES = {
    "json": words("application/json", "text/plain"),
    "form": words("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=latin-1"),
    "multipart": words(
        "multipart/form-data; boundary=x",
        'Multipart/Form-Data; boundary="x"',
        "multipart/form-data",
        "multipart/form-data; boundary=x; charset=latin-1",
        "multipart/form-data; boundary=x; charset=Windows-1253",
        "multipart/form-data; boundary=x; charset=koi8_u",
        "multipart/form-data; boundary=x; charset=shift_jis",
        "multipart/form-data; boundary=x; charset=unknown",
        "multipart/form-data; boundary=x; charset=utf-16",
        "multipart/form-data; boundary=" + "x" * 257,
    ),
}


@st.composite
def _with_body(draw: st.DrawFn, kind: str, bodies: st.SearchStrategy[bytes]) -> Ask:
    body = draw(bodies)
    cut = draw(st.integers(0, len(body)))
    right = {"json": "/json"}.get(kind, "/form")
    return Ask(
        "POST",
        draw(st.sampled_from([right, right, right, "/body", "/stream"])),
        headers=((b"content-type", draw(_TYPES[kind])),),
        pieces=draw(st.sampled_from([(body,), (body[:cut], body[cut:]), (body[:cut], b"", body[cut:])])),
    )


REQUESTS = st.one_of(
    _FACTS, _with_body("json", _JSON), _with_body("form", _URLENCODED), _with_body("multipart", _MULTIPART)
)

RESPONSES = st.builds(
    Ask,
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    query=queries(
        kind=st.sampled_from("plain html bytes none json redirect stream sync".split()),
        text=TEXTS,
        status=st.sampled_from([200, 201, 204, 205, 304, 404, 500]),
        headers=st.just("1"),
        media_type=st.sampled_from(["text/csv", "text/plain; charset=latin-1", "application/json", "text/x;a=b", ""]),
        piece=st.lists(st.sampled_from(["a", "", "é"]), max_size=3),
        cookie=st.sampled_from(["a", "__Host-x", "a b", "é", "", "path"]),
        cookie_text=st.just("1"),
        max_age=st.sampled_from([0, 60, -1]),
        path=st.sampled_from(["/", "/x y", "", "a;b"]),
        domain=st.sampled_from(["x.example"]),
        secure=st.just("1"),
        httponly=st.just("1"),
        samesite=st.sampled_from(["none", "Strict", "bad"]),
        delete=st.sampled_from(["a", "b"]),
        add=st.just("1"),
    ),
)

_RANGE_NUMBERS = st.sampled_from(["", "0", "1", "3", "9", "10", "99", "x", "+1", "1_0"])
_SPECS = st.builds("{}-{}".format, _RANGE_NUMBERS, _RANGE_NUMBERS)
_RANGES = st.one_of(
    st.builds(
        "{}{}".format,
        st.sampled_from(["bytes=", "bytes=", "bytes=", "Bytes =", "items=", ""]),
        st.lists(_SPECS, max_size=3).flatmap(lambda specs: st.sampled_from([", ", ","]).map(lambda by: by.join(specs))),
    ),
    st.just("bytes"),
).map(str.encode)
_TAGS = words('"{etag}"', 'W/"{etag}"', '"x"', '"x", "{etag}"', "*", "x", "", '"{etag}", *')
_DATES = words(FILES_DATE, "Mon, 01 Jan 2024 03:04:05 GMT", "Wed, 03 Jan 2035 03:04:05 GMT", "yesterday", "")
FILES = st.builds(
    Ask,
    method=st.sampled_from(["GET", "GET", "HEAD", "POST", "OPTIONS"]),
    target=st.one_of(
        st.builds(
            str.__add__,
            st.sampled_from(["/file", "/plain", "/site"]),
            st.sampled_from(
                "/ten.bin /ten.bin /empty.txt /page.html /page / /sub /sub/ /bare /bare/ /a%20b.txt /../secret.txt"
                " /.%2e/secret.txt"
                " /none /%00 /%FF /sub//index.html //ten.bin /./ten.bin /sub/.. /%5Cx /ten.bin%0A /404.html"
                " /page.html/".split()
            ),
        ),
        ODD_PATH.map("/site/".__add__),
    ),
    query=queries(
        filename=st.one_of(st.sampled_from(["a.txt", "é.txt", 'a"b\\c', "a b", "%41;x"]), ODD_TEXT),
        **{"as": st.sampled_from(["inline", "attachment"])},
    ),
    headers=fields(
        range=_RANGES, if_range=st.one_of(_TAGS, _DATES), if_none_match=_TAGS, if_modified_since=_DATES, if_match=_TAGS
    ),
)

CORS = st.builds(
    Ask,
    method=st.sampled_from(["GET", "PUT", "POST", "OPTIONS", "OPTIONS", "OPTIONS"]),
    target=st.sampled_from(["/", "/", "/fail"]),
    query=words("", "vary=1"),
    headers=fields(
        origin=words("https://a.example", "https://a.example", "https://b.example", "https://x.evil", "null", ""),
        access_control_request_method=words("GET", "PUT", "DELETE", "get", ""),
        access_control_request_headers=words("x-one", "X-Two,x-one", "x-three", "Accept, x-one ", ""),
        access_control_request_private_network=words("true", "false"),
        cookie=words("a=1"),
    ).map(lambda pairs: tuple(dict(pairs).items())),
)

GZIP = st.one_of(
    st.builds(
        Ask,
        method=st.sampled_from(["GET", "HEAD"]),
        query=queries(
            tens=st.sampled_from([0, 9, 10, 100]),
            etag=st.sampled_from(['"x"', 'W/"x"']),
            vary=st.sampled_from(["accept", "Accept-Encoding", "*"]),
            type=st.sampled_from(["image/png", "a/b", "A/B; x=y", "text/event-stream", "text/html"]),
            **{"content-encoding": st.sampled_from(["br", "identity"])},
        ),
        headers=fields(
            accept_encoding=words(
                "gzip", "br, gzip;q=0.5", "gzip;q=0", "*", "identity", "GZIP", "xgzip", "identity, *;q=0", ""
            )
        ),
    ),
    st.builds(
        Ask,
        target=st.just("/stream"),
        query=queries(
            piece=st.lists(st.sampled_from(["a", "b", ""]), max_size=3), type=st.sampled_from(["image/png", "text/csv"])
        ),
        headers=fields(accept_encoding=words("gzip", "gzip", "br")),
    ),
)

_ANY_PATH = st.one_of(st.just("/"), ODD_PATH.map("/".__add__))
HOSTED = st.builds(
    Ask,
    target=_ANY_PATH,
    query=words("", "a=%20b"),
    headers=fields(host=HOSTS),
    scheme=st.sampled_from(["http", "https"]),
)

AUTHENTICATION = st.builds(
    Ask,
    method=METHODS,
    target=st.sampled_from("/who /read /write /sent /none".split()),
    query=words("", "a=b%20c"),
    headers=fields(x_user=words("ann", "wrong", ""), x_scopes=words("read", "read write", "write", "")),
)

_FLAG = st.just("1")
BASE_HTTP = st.builds(
    Ask,
    method=METHODS,
    target=st.sampled_from("/echo /stream /fail /missing /none".split()),
    query=queries(
        **dict.fromkeys("body early broken refused replace cookie variable catch close".split(), _FLAG),
    ),
    pieces=st.lists(words("", "a", "bc"), min_size=1, max_size=3).map(tuple),
)

BODY_LIMIT = st.builds(
    Ask,
    method=st.just("POST"),
    target=st.sampled_from("/size /pieces /unread /wide /narrow/size /narrow/wide /none".split()),
    headers=fields(content_length=words("0", "3", "4", "10", "11", "20", "21", "x", "-1", "")),
    pieces=st.lists(words("", "abc", "abcdefgh"), min_size=1, max_size=4).map(tuple),
)

ERRORS = st.builds(
    Ask,
    method=METHODS,
    target=st.sampled_from("/fail /fail /fail /sync /midway /none".split()),
    query=queries(
        what=st.sampled_from("http http base derived unhandled key".split()),
        status=st.sampled_from([400, 401, 404, 405, 413, 418, 419, 422, 499, 500, 503, 204, 304]),
        detail=st.sampled_from(["", "why", "é"]),
        headers=_FLAG,
    ),
)
_PARTS = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ntext\r\n--cut--\r\n'
_READ = st.sampled_from("nothing body json stream form file".split())
READS = st.one_of(
    [
        st.builds(
            Ask,
            method=st.just("POST"),
            target=st.just("/read"),
            query=queries(what=st.sampled_from("base base derived unhandled".split()), before=_READ, after=_READ),
            headers=st.just(((b"content-type", content_type),)),
            pieces=st.sampled_from(pieces),
        )
        for content_type, pieces in [
            (b"application/json", [(b'{"a": 1}',), (b'{"a"', b": 1}")]),
            (b"multipart/form-data; boundary=cut", [(_PARTS,), (_PARTS[:50], _PARTS[50:])]),
        ]
    ]
)
ENDPOINTS = st.builds(
    Ask,
    method=st.sampled_from("GET HEAD POST PUT DELETE OPTIONS QUERY PATCH TRACE CONNECT get FOO DISPATCH".split()),
    target=st.sampled_from("/item /item/x /empty /item/ /item/a%2Fb".split()),
)

ASKS: dict[str, Requests] = {
    "routing": ROUTING,
    "requests": REQUESTS,
    "responses": RESPONSES,
    "files": FILES,
    "gzip": GZIP,
    "hosts": HOSTED,
    "https": HOSTED,
    "authentication": AUTHENTICATION,
    "body_limit": BODY_LIMIT,
    "base_http": BASE_HTTP,
    "errors": st.one_of(ERRORS, READS),
    "endpoints": ENDPOINTS,
}

# What the client of a WebSocket sends after the request that opens it.
_MESSAGES = st.lists(
    st.sampled_from(
        [
            {"text": "a"},
            {"bytes": b"a"},
            {"text": "[1]"},
            {"bytes": b"[1]"},
            {"text": None, "bytes": b"{}"},
            {"bytes": b"\xff"},
        ]
    ),
    max_size=3,
)
_STEPS = (
    "accept accept accept:chat deny deny:x close close:3001 send:text send:bytes send_json"
    " send_json:binary iterate:text"
    " iterate:bytes iterate:json receive:text receive:bytes receive: receive:binary receive:message"
)
_SCRIPTS = st.builds(
    lambda first, steps, tell: urlencode([("do", step) for step in [*first, *steps]] + tell).encode(),
    st.sampled_from([["accept"], ["accept"], ["accept:chat"], []]),
    st.lists(st.sampled_from(_STEPS.split()), max_size=4),
    st.sampled_from([[], [("tell", "1")]]),
)
TALKS = {
    "sockets": st.tuples(st.builds(Ask, query=_SCRIPTS), _MESSAGES),
    "endpoints": st.tuples(st.builds(Ask, target=st.sampled_from("/text /bytes /json /any /none".split())), _MESSAGES),
    "errors": st.tuples(
        st.builds(
            Ask,
            target=st.sampled_from(["/socket", "/socket", "/none"]),
            query=queries(when=st.just("after"), what=st.just("http")),
        ),
        _MESSAGES,
    ),
    "authentication": st.tuples(
        st.builds(Ask, target=st.just("/socket"), headers=fields(x_user=words("ann", "wrong"), x_scopes=words("read"))),
        _MESSAGES,
    ),
    "routing": st.tuples(st.builds(Ask, target=st.one_of(st.just("/socket"), _ROUTED)), _MESSAGES),
    "base_http": st.tuples(st.builds(Ask), _MESSAGES),
}

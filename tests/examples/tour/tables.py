"""Requests to the tour: those with the same response of both applications, and those with different responses."""

from typing import Any

SINCE = {"if-modified-since": "Wed, 15 Nov 2023 00:00:00 GMT"}
VENDOR = {"content-type": "application/vnd.x+json"}
CHARSET = {"content-type": "application/json; charset=x"}
JSON = {"content-type": "application/json"}
MULTIPART = {"content-type": "multipart/form-data; boundary=x"}
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
MIB = 1024 * 1024


def json_text(text: str | bytes) -> dict[str, Any]:
    return {"content": text, "headers": JSON}


def part(disposition: str, content: bytes = b"text", more: bytes = b"") -> bytes:
    head = f"--x\r\nContent-Disposition: form-data; {disposition}\r\n".encode("utf-8", "surrogateescape")
    return head + more + b"\r\n" + content + b"\r\n"


def multipart(*parts: bytes) -> dict[str, Any]:
    return {"content": b"".join(parts) + b"--x--\r\n", "headers": MULTIPART}


def upload(content: bytes, media_type: str) -> dict[str, Any]:
    return {"files": {"upload_file": ("é.x", content, media_type)}}


def few(files: int, fields: int) -> dict[str, Any]:
    texts = [part(f'name="text{number}"') for number in range(fields)]
    return multipart(*[part(f'name="file{number}"; filename="a"') for number in range(files)], *texts)


ALIKE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "what a request brings": ("GET", "/info?q=a+b&q=%C3%A9", {}),
    "a query that is no UTF-8": ("GET", "/info?a=%ff&%zz=%&=&&", {}),
    "repeated headers": ("GET", "/info", {"headers": [("x", "1"), ("X", "2")]}),
    "a host with a port": ("GET", "/info", {"headers": {"host": "example.org:8080"}}),
    "a strange host": ("GET", "/info", {"headers": {"host": "a b/c?d#e@f"}}),
    "no search": ("GET", "/search", {}),
    "a search": ("GET", "/search?q=a+b&page=2&per_page=5&tag=python&tag=web", {}),
    "empty texts in a search": ("GET", "/search?q=&tag=&tag=", {}),
    "a name twice": ("GET", "/search?page=1&page=2&q=a&q=b", {}),
    "a semicolon separates nothing": ("GET", "/search?q=a;page=2", {}),
    "a number with blanks and a sign": ("GET", "/search?page=%20%2B1%20&per_page=-0", {}),
    "a number with an underscore": ("GET", "/search?page=1_000", {}),
    "a number of 4,000 digits": ("GET", "/search?page=" + "9" * 4000, {}),
    "NUL in a search": ("GET", "/search?q=%00&tag=%0D%0A", {}),
    "a user": ("GET", "/users/3", {}),
    "user 0": ("GET", "/users/000", {}),
    "a user beyond 64 bits": ("GET", "/users/" + "9" * 30, {}),
    "a post": ("GET", "/users/3/posts/4", {}),
    "post 0": ("GET", "/users/3/posts/0", {}),
    "a slash too many": ("GET", "/users/3/", {}),
    "no headers": ("GET", "/headers", {}),
    "headers": (
        "GET",
        "/headers",
        {
            "headers": [
                ("Accept", "text/html"),
                ("ACCEPT", "a, b"),
                ("Authorization", "Bearer x"),
                ("X-API-Key", "k"),
                ("Content-Type", "text/plain"),
                ("User-Agent", "é".encode("latin-1")),
            ]
        },
    ),
    "empty headers": ("GET", "/headers", {"headers": {"authorization": "", "x-api-key": "", "user-agent": ""}}),
    "no cookies": ("GET", "/cookies", {}),
    "cookies": ("GET", "/cookies", {"headers": {"cookie": 'session_id=1; preferences="a b"; more=%20'}}),
    "odd cookies": ("GET", "/cookies", {"headers": {"cookie": b";;=; session_id; session_id=; a=b=c; x=\xe9"}}),
    "a JSON object": ("POST", "/json", json_text('{"a": [1, 2.50, null, true, "é"], "b": {}}')),
    "a JSON list": ("POST", "/json", json_text("[]")),
    "a JSON text": ("POST", "/json", json_text('"\\u00e9\\ud83d\\ude00\\u0000"')),
    "JSON null": ("POST", "/json", json_text("null")),
    "JSON true": ("POST", "/json", json_text(" true\r\n")),
    "JSON numbers": ("POST", "/json", json_text("[1E5, 1.0e-7, -0.0, -0, 123456789.123456789123, 1e300]")),
    "integers beyond 64 bits": ("POST", "/json", json_text("[" + "9" * 19 + ",-" + "9" * 20 + "," + "9" * 300 + "]")),
    "JSON with a name twice": ("POST", "/json", json_text('{"a": 1, "b": 2, "a": 3, "": 4}')),
    "JSON 190 levels deep": ("POST", "/json", json_text("[" * 190 + "]" * 190)),
    "JSON of its own kind": ("POST", "/json", {"content": "1", "headers": VENDOR}),
    "JSON with a charset": ("POST", "/json", {"content": "1", "headers": CHARSET}),
    "JSON of 1 MiB": ("POST", "/json", json_text('"' + "a" * MIB + '"')),
    "a form": ("POST", "/form", {"data": {"name": "Ada", "email": "a@b", "interest": ["x", "y"]}}),
    "an empty form": ("POST", "/form", {}),
    "a form of empty texts": ("POST", "/form", {"data": {"name": "", "interest": ["", ""]}}),
    "a form that is no UTF-8": ("POST", "/form", {"content": b"name=%ff\xff&email=%&=&&", "headers": URLENCODED}),
    "a form with a file": ("POST", "/form", {"data": {"name": "A"}, "files": {"avatar": ("a.png", b"1", "image/png")}}),
    "a form with an empty file": ("POST", "/form", {"files": {"avatar": ("a.png", b"")}}),
    "a form with no file chosen": ("POST", "/form", multipart(part('name="avatar"; filename=""', b""))),
    "a file without a name": ("POST", "/form", multipart(part('name="avatar"; filename=""', b"content"))),
    "a file without a type": ("POST", "/form", multipart(part('name="avatar"; filename="a"'))),
    "a file of 2 MiB": ("POST", "/form", {"files": {"avatar": ("é 😀.bin", b"\0" * 2 * MIB)}}),
    "multipart texts": ("POST", "/form", multipart(part('name="name"'), *[part('name="interest"')] * 2)),
    "no uploads": ("POST", "/upload", {}),
    "an upload without a file": ("POST", "/upload", multipart(part('name="document"; filename=""', b""))),
    "a body": ("POST", "/raw", {"content": b"\0\xff", "headers": {"content-type": "x/y"}}),
    "no body": ("POST", "/raw", {}),
    "a body that says JSON and is none": ("POST", "/raw", json_text("{")),
    "a streamed body": ("POST", "/raw/stream", {"content": b"abc"}),
    "an empty streamed body": ("POST", "/raw/stream", {}),
    "a streamed body of 10 MiB": ("POST", "/raw/stream", {"content": b"a" * 10 * MIB}),
    "a range": ("GET", "/download", {"headers": {"range": "bytes=1-3"}}),
    "ranges": ("GET", "/download/export", {"headers": {"range": "bytes=-3"}}),
    "a file that the client has": ("GET", "/download", {"headers": SINCE}),
    "a pause of 0.0": ("GET", "/stream/csv?pause=0.0", {}),
    "a sign-up": ("POST", "/signup", {"json": {"email": "ada@example.org", "name": "Ada", "age": 36}}),
    "a post by a text": ("GET", "/post/a%20b?name=Ada", {}),
    "a post without a name": ("GET", "/post/3", {}),
    "parts of a URL": ("GET", "http://user@example.org:8080/context/url?kw=hello", {}),
    "parts of a secure URL": ("GET", "https://testserver/context/url", {}),
    "a client": ("GET", "/context/client", {}),
    "a client that posts": ("POST", "/context/client", {}),
    "a scope": ("GET", "/context/scope/a%2Fb/c?kw=%C3%A9", {"headers": [("x", "1"), ("X", "2")]}),
    "no ajax": ("GET", "/context/ajax", {}),
    "ajax": ("GET", "/context/ajax", {"headers": {"X-Requested-With": "XMLHttpRequest"}}),
    "an inspected upload": ("POST", "/upload/inspect", upload(b"\x89PNG1234", "image/png")),
    "an inspected upload that is empty": ("POST", "/upload/inspect", upload(b"", "text/plain")),
    "an upload signed": ("POST", "/upload/sign", upload(b"some text", "text/markdown")),
    "an upload of 2 MiB signed": ("POST", "/upload/sign", upload(b"a" * 2 * MIB, "text/plain")),
    "two uploads and a field": ("POST", "/upload/few", few(2, 1)),
    "a visit": ("POST", "/visits", {}),
    "a state": ("GET", "/wrapped", {}),
    "a state from a query": ("GET", "/wrapped?name=Ada", {}),
    "a page": ("GET", "/home?name=%3Cb%3E", {}),
    "a response of an own class": ("POST", "/custom", {}),
    "see other": ("POST", "/redirect/other", {}),
    "a cookie": ("GET", "/cookies/mine", {"headers": {"cookie": "mycookie=1"}}),
    "a cookie set": ("PUT", "/cookies/mine", {}),
    "a cookie deleted": ("DELETE", "/cookies/mine", {}),
    "a session": ("POST", "/session/visits", {}),
    "a session that is no session": ("POST", "/session/visits", {"headers": {"cookie": "session=e30=.x.y"}}),
    "signing in": ("POST", "/signin", {"data": {"user": "bo"}}),
    "signing out": ("POST", "/signout", {}),
    "an account of nobody": ("GET", "/account", {}),
    "an account of nobody that is to go": ("DELETE", "/account", {}),
    "news published": ("POST", "/news", {"content": b"it rains \xff"}),
    "no news": ("GET", "/news?tries=0", {}),
    "an invitation": ("POST", "/invite?email=ada@example.org", {}),
    "a bare application": ("PUT", "/bare/method/a/b", {}),
    "an echo": ("POST", "/bare/echo/", {"content": b"ab"}),
    **{
        path: ("GET", path, {})
        for path in (
            "/signin", "/home",
            "/api", "/api/headers", "/text", "/html", "/redirect", "/redirect/permanent", "/redirect/users/5",
            "/new-location", "/download", "/download/export", "/download/chart", "/stream?pause=0",
            "/stream/csv?pause=0", "/cookies/set", "/cookies/delete",
        )
    },
    **{
        f"HEAD {path}": ("HEAD", path, {})
        for path in ("/api", "/text", "/download", "/redirect", "/stream?pause=0", "/cookies/set")
    },
    **{f"OPTIONS {path}": ("OPTIONS", path, {}) for path in ("/api", "/json", "/users/3")},
}  # fmt: skip

# What differs -> (method, target, what is sent, status of the plain one, status of the typed one).
DIFFERENT: dict[str, tuple[str, str, dict[str, Any], int, int]] = {
    "no such path": ("GET", "/nothing", {}, 404, 404),
    "a user who is no number": ("GET", "/users/x", {}, 404, 404),
    "a negative user": ("GET", "/users/-3", {}, 404, 404),
    "no such method": ("DELETE", "/api", {}, 405, 405),
    "an unknown method": ("PURGE", "/json", {}, 405, 405),
    "the answer of its own class": ("GET", "/api/status", {}, 404, 404),
    "a range past the end": ("GET", "/download", {"headers": {"range": "bytes=99999-"}}, 416, 416),
    "a page that is no number": ("GET", "/search?page=one", {}, 400, 422),
    "an empty page": ("GET", "/search?page=", {}, 400, 422),
    "a page of 5,000 digits": ("GET", "/search?page=" + "9" * 5000, {}, 400, 422),
    "a page with a point": ("GET", "/search?page=1.0", {}, 400, 200),
    "a page in other digits": ("GET", "/search?page=%D9%A3", {}, 200, 422),
    "a user of 5,000 digits": ("GET", "/users/" + "9" * 5000, {}, 404, 404),
    "no JSON": ("POST", "/json", json_text("{"), 400, 400),
    "a lone surrogate": ("POST", "/json", json_text('"\\ud800"'), 400, 400),
    "a number of 400 digits": ("POST", "/json", json_text("9" * 400), 400, 400),
    "a number of 5,000 digits": ("POST", "/json", json_text("9" * 5000), 400, 400),
    "JSON 100,000 levels deep": ("POST", "/json", json_text("[" * 100_000), 400, 400),
    "JSON that is no UTF-8": ("POST", "/json", json_text(b'"\xff"'), 400, 400),
    "no JSON at all": ("POST", "/json", json_text(""), 400, 422),
    "JSON that does not say so": ("POST", "/json", {"content": "1"}, 200, 415),
    "a byte order mark": ("POST", "/json", json_text(b"\xef\xbb\xbf1"), 200, 400),
    "JSON of 3 MiB": ("POST", "/json", json_text('"' + "a" * 3 * MIB + '"'), 200, 413),
    "a body of more than 10 MiB": ("POST", "/raw/stream", {"content": b"a" * (10 * MIB + 1)}, 413, 413),
    "a form that was cut off": ("POST", "/form", {"content": part('name="name"'), "headers": MULTIPART}, 400, 400),
    "a form without a boundary": ("POST", "/form", {"headers": {"content-type": "multipart/form-data"}}, 400, 400),
    "1,001 fields": ("POST", "/form", {"content": "a=1&" * 1000 + "a=1", "headers": URLENCODED}, 400, 400),
    "what is no form": ("POST", "/form", {"content": "x", "headers": {"content-type": "text/plain"}}, 200, 415),
    "a text where a file belongs": ("POST", "/form", {"data": {"avatar": "text"}}, 200, 422),
    "a file where a text belongs": ("POST", "/form", {"files": {"name": ("a", b"x")}}, 200, 422),
    "an upload that is a text": ("POST", "/upload", {"data": {"document": "text"}}, 200, 422),
    "a pause that is no number": ("GET", "/stream?pause=nan", {}, 400, 422),
    "too long a pause": ("GET", "/stream/csv?pause=inf", {}, 400, 422),
    "too many events": ("GET", "/events?pause=0&count=1001", {}, 400, 422),
    "three uploads where two may be": ("POST", "/upload/few", few(3, 0), 400, 400),
    "two fields where one may be": ("POST", "/upload/few", few(0, 2), 400, 400),
    "no upload to inspect": ("POST", "/upload/inspect", {"data": {"upload_file": "text"}}, 400, 422),
    "no upload to sign": ("POST", "/upload/sign", {"data": {"more": "text"}}, 400, 422),
    "signing in without a name": ("POST", "/signin", {"data": {"user": ""}}, 400, 422),
    "news after no number": ("GET", "/news?after=x", {}, 400, 422),
    "a sign-up without an email": ("POST", "/signup", {"json": {}}, 400, 422),
    "a sign-up that is a list": ("POST", "/signup", {"json": []}, 400, 422),
    "a sign-up that is no JSON": ("POST", "/signup", json_text("{"), 400, 400),
}

"""Malformed requests: JSON, forms, files, and their responses."""

from collections.abc import Iterator

from tests.promises.cases import JSON, MULTIPART, SECRET, URLENCODED, Case, Pairs
from tests.promises.heads import ODD_TEXTS, encoded, raw

JSON_PATHS = tuple(
    f"/json/{kind}" for kind in ("model", "list", "keyed", "dict", "typed", "any", "tagged", "union", "request")
)
FORM_PATHS = ("/form", "/form/model", "/form/open", "/form/request")
DIGITS = "9" * 5000
ENCODING = b"Content-Transfer-Encoding: base64\r\n"
S = SECRET.encode()

# No JSON by the book: each of them is 400 wherever JSON is wanted.
NO_JSON = {
    "half an object": b"{",
    "half a list": b"[1,",
    "a brace": b"}",
    "a trailing comma": b"[1,]",
    "single quotes": b"{'a':1}",
    "a comment": b"1 // one",
    "two values": b"1 2",
    "NUL": b"\0",
    "a value and NUL": b"{}\0",
    "a bare word": b"nope",
    "a sign": b"-",
    "a plus": b"+1",
    "a leading zero": b"01",
    "no digits behind a point": b"1.",
    "none before it": b".5",
    "half an exponent": b"1e",
    "hexadecimal": b"0x1",
    "half a text": b'"a',
    "a control character": b'"\x01"',
    "a bad escape": b'"\\x41"',
    "half an escape": b'"\\u00"',
    "a lone surrogate": b'"\\ud800"',
    "surrogates the wrong way round": b'"\\udc00\\ud800"',
    "a surrogate as bytes": b'"\xed\xa0\x80"',
    "no UTF-8": b'"\xff"',
    "an overlong form": b'"\xc0\x80"',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-32": b'"\0\0\0a\0\0\0"\0\0\0',
    "100,000 lists": b"[" * 100_000,
    "50,000 objects": b'{"a":' * 25_000,
    "100,000 lists, closed": b"[" * 50_000 + b"]" * 50_000,
    "a secret": S,
    "only blanks": b" \n",
}
# Unusual or almost valid JSON: rejected or accepted.
ODD_JSON = {
    "NaN": b"NaN",
    "an infinity": b"-Infinity",
    "a number beyond floats": b"1e400",
    "5,000 digits": DIGITS.encode(),
    "400 digits": b"9" * 400,
    "5,000 places": b"0." + DIGITS.encode(),
    "a tiny number": b"1e-99999",
    "minus zero": b"-0",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "nothing but a byte order mark": b"\xef\xbb\xbf",
    "null": b"null",
    "true": b"true",
    "a number": b"1",
    "an empty text": b'""',
    "an empty list": b"[]",
    "an empty object": b"{}",
    "190 lists": b"[" * 190 + b"]" * 190,
    "a name twice": b'{"name": 1, "name": "a", "a": 1, "a": 2}',
    "an empty name": b'{"": 1}',
    "NUL in a text": b'"\\u0000"',
    "a name with slashes": b'{"a/b~c": "x"}',
    "NaN in an object": b'{"a": NaN, "name": "a", "price": NaN}',
    "an infinity in a list": b'[{"x": 1e400, "y": -1e400}]',
    "numbers as texts": b'[{"x": "inf", "y": "nan"}]',
    "digits in an object": b'{"a": ' + DIGITS.encode() + b"}",
    "a bad tag": b'{"kind": "' + S + b'"}',
    "a list for a tag": b'{"kind": []}',
    "a far year": b'{"title": "x", "year": 1e300}',
    "a far date": b'{"name": "a", "when": 1e300}',
    "a secret": b'"' + S + b'"',
    "a price": b'{"name": "a", "price": "1e999999"}',
    "a date": b'{"name": "a", "when": "0001-01-01T00:00:00+23:59"}',
    "20,000 values": b"[" + b",".join([b"1"] * 20_000) + b"]",
    "2,000 objects": b"[" + b",".join([b'{"x": "' + S + b'"}'] * 2000) + b"]",
    "names of 100 KiB": b'{"name": "a", "a": 1, "' + b"k" * 100_000 + b'": "x"}',
    "many long names": b"{" + b",".join(b'"%d%b": "x"' % (number, b"k" * 1000) for number in range(130)) + b"}",
}


def post(name: str, status: int, path: str, body: bytes | list[bytes], *headers: tuple[bytes, bytes]) -> Case:
    return Case(name, status, "POST", path, b"", headers, body)


def part(disposition: bytes, content: bytes = b"text", more: bytes = b"") -> bytes:
    return b"--x\r\nContent-Disposition: form-data; %b\r\n%b\r\n%b\r\n" % (disposition, more, content)


def parts(*found: bytes) -> bytes:
    return b"".join(found) + b"--x--\r\n"


def field(name: bytes, content: bytes = b"text") -> bytes:
    return part(b'name="%b"' % name, content)


def file(name: bytes = b"file", content: bytes = b"text", filename: bytes = b"f") -> bytes:
    return part(b'name="%b"; filename="%b"' % (name, filename), content)


def odd() -> Iterator[Case]:
    """Odd JSON and odd texts in forms. What is right depends on the type: only that it is no fault of ours."""
    for name, body in ODD_JSON.items():
        yield from (post(f"{name} to {path}", 0, path, body, JSON) for path in JSON_PATHS)
    for name, text in ODD_TEXTS.items():
        value, escaped = raw(text), encoded(text)
        for path in FORM_PATHS:
            for each in (value, escaped):
                body = b"name=%b&age=%b&level=%b&%b=%b" % (each, each, each, each, each)
                yield post(f"{name} to {path}", 0, path, body, URLENCODED)
            yield post(
                f"{name} in parts to {path}",
                0,
                path,
                parts(*(field(key, value) for key in (b"name", b"age", value))),
                MULTIPART,
            )
        for path, key in (
            ("/file", b"file"),
            ("/files", b"files"),
            ("/file/content", b"file"),
            ("/form/model", b"name"),
        ):
            more = b"Content-Type: %b\r\n" % value
            body = parts(part(b'name="%b"; filename="%b"' % (key, value), b"text", more))
            yield post(f"{name} as a file's name to {path}", 0, path, body, MULTIPART)
        yield post(f"{name} raw", 200, "/raw", value, (b"content-type", value))


def content_lengths(path: str, header: Pairs, body: bytes, most: int) -> Iterator[Case]:
    for length in (b"9" * 5000, b"%d" % (most + 1), b"0" * 5000 + b"%d" % (most + 1)):
        yield post(f"an announced {length[:10]!r} to {path}", 413, path, body, *header, (b"content-length", length))
    for length in (b"-1", b"x", b"", b"1e3", b"\xb2", b"3, 3", b"+3", b"0x3", b"1", b"%d" % most):
        yield post(f"a length of {length!r} to {path}", 200, path, body, *header, (b"content-length", length))
    yield post(f"two lengths to {path}", 200, path, body, *header, (b"content-length", b"1"), (b"content-length", b"2"))


TYPES = (
    b"", b"/", b";", b"*/*", b"\xff", b"application/json\0", b"text/json", b"application/json, text/plain", b"a/b;c",
    b"a" * 5000, S, b"multipart/x; boundary=x", b"application/x-www-form-urlencoded2",
)  # fmt: skip
BOUNDARIES = (
    b"",
    b"; boundary=",
    b'; boundary=""',
    b"; boundary=\xff",
    b"; boundary*=utf-8''x",
    b"; boundary=" + b"x" * 257,
    b"; boundary=y",
)


def typed(media_type: bytes) -> bytes:
    return part(b'name="name"', b"\xff", b"Content-Type: %b\r\n" % media_type)


FORM = parts(field(b"note"), file(content=b"0123456789"))
WRONG = [
    *[post(f"{name} to {path}", 400, path, body, JSON) for name, body in NO_JSON.items() for path in JSON_PATHS],
    *[post(f"no body to {path}", 422, path, b"", JSON) for path in JSON_PATHS[:-1]],
    *[
        post(f"the type {kind[:20]!r} to {path}", 415, path, b"{}", (b"content-type", kind))
        for kind in TYPES
        for path in JSON_PATHS[:-1]
    ],
    *[
        post(f"the type {kind[:20]!r} to {path}", 415, path, b"a=1", (b"content-type", kind))
        for kind in TYPES
        for path in ("/form", "/file")
    ],
    *[post(f"no type to {path}", 415, path, b"{}") for path in (*JSON_PATHS[:-1], "/form", "/file")],
    post("an unknown member", 422, "/json/model", b'{"name": "a", "other": "' + S + b'"}', JSON),
    post("too long a text", 422, "/json/model", b'{"name": "' + S * 9 + b'"}', JSON),
    post(
        "a text that is no match",
        422,
        "/json/model",
        b'{"name": "a", "parts": [{"sku": "' + S + b'", "count": 0}]}',
        JSON,
    ),
    post("a bad tag", 422, "/json/tagged", b'{"kind": "' + S + b'"}', JSON),
    post("no tag", 422, "/json/tagged", b"{}", JSON),
    post("a text for a number", 422, "/json/dict", b'{"a": "' + S + b'"}', JSON),
    post("a text in a list of objects", 422, "/json/list", b'["' + S + b'"]', JSON),
    post("2,000 faults", 422, "/json/list", ODD_JSON["2,000 objects"], JSON),
    post("a name of 100 KiB", 422, "/json/dict", ODD_JSON["names of 100 KiB"], JSON),
    post("many long names", 422, "/json/dict", ODD_JSON["many long names"], JSON),
    post("too large JSON", 413, "/json/dict", b" " * 150_001, JSON),
    post("too large JSON in pieces", 413, "/json/dict", [b" " * 10_000] * 16, JSON),
    post("too large a body", 413, "/raw", b" " * 200_001),
    post("too large a body in pieces", 413, "/raw", [b" " * 10_000] * 21),
    post("more than was announced", 413, "/raw", [b" " * 10_000] * 21, (b"content-length", b"2")),
    post("too large a body to a request", 413, "/json/request", b" " * 200_001),
    *[post(f"too large a form to {path}", 413, path, b"name=" + b"a" * 120_000, URLENCODED) for path in FORM_PATHS],
    *[post(f"too large a field to {path}", 413, path, b"name=" + b"a" * 50_001, URLENCODED) for path in FORM_PATHS],
    *[
        post(f"too large a part to {path}", 413, path, parts(field(b"name", b"a" * 50_001)), MULTIPART)
        for path in FORM_PATHS
    ],
    *[
        post(f"too large parts to {path}", 413, path, parts(*[field(b"name", b"a" * 45_000)] * 3), MULTIPART)
        for path in FORM_PATHS
    ],
    *[post(f"too many fields to {path}", 400, path, b"a=1&" * 1001, URLENCODED) for path in FORM_PATHS],
    *[
        post(f"too many parts to {path}", 400, path, parts(*[field(b"a", b"")] * 1001), MULTIPART)
        for path in FORM_PATHS
    ],
    *[
        post(f"too many files to {path}", 400, path, parts(*[file()] * 6), MULTIPART)
        for path in ("/files", "/file", "/form/request")
    ],
    post("too large a file", 413, "/file", parts(file(content=b"a" * 200_000)), MULTIPART),
    post("a file above its own limit", 413, "/file/content", parts(file(content=b"a" * 1001)), MULTIPART),
    post("headers of a part", 400, "/file", parts(part(b'name="file"', more=b"x: y\r\n" * 20)), MULTIPART),
    post(
        "a long header of a part",
        400,
        "/file",
        parts(part(b'name="file"', more=b"x: " + b"y" * 5000 + b"\r\n")),
        MULTIPART,
    ),
    *[
        post(
            f"the boundary {boundary[:20]!r} to {path}",
            400,
            path,
            FORM,
            (b"content-type", b"multipart/form-data" + boundary),
        )
        for boundary in BOUNDARIES
        for path in ("/file", "/form", "/form/request")
    ],
    *[
        post(f"a form cut at {end} to {path}", 400, path, FORM[:end], MULTIPART)
        for end in range(len(FORM) - 2 - len("--"))
        for path in ("/file", "/form/request")
    ],
    post("a part without a name", 400, "/file", parts(part(b'filename="f"')), MULTIPART),
    post("a part without a disposition", 400, "/file", b"--x\r\nx: y\r\n\r\ntext\r\n--x--\r\n", MULTIPART),
    post("a part without a header", 400, "/file", b"--x\r\n\r\ntext\r\n--x--\r\n", MULTIPART),
    post("junk for a form", 400, "/file", b"\0" * 100, MULTIPART),
    post("no file", 422, "/file", parts(field(b"note")), MULTIPART),
    post("a text for a file", 422, "/file", parts(field(b"file", S)), MULTIPART),
    post("a file for a text", 422, "/form", parts(file(b"name", S)), MULTIPART),
    post("only the extended name", 422, "/file", parts(part(b"name=file; filename*=utf-8''" + S)), MULTIPART),
    post("an empty form", 422, "/form", b"", URLENCODED),
    post("a form that is no UTF-8", 422, "/form", b"name=\xff%ff&age=\xff%ff", URLENCODED),
    *[
        case
        for path, header, body, most in (
            ("/json/dict", [JSON], b"{}", 150_000),
            ("/json/request", [JSON], b"{}", 200_000),
            ("/raw", [], b"{}", 200_000),
            ("/form", [URLENCODED], b"name=a", 120_000),
            ("/form/request", [URLENCODED], b"name=a", 200_000),
            ("/file", [MULTIPART], FORM, 200_000),
        )
        for case in content_lengths(path, header, body, most)
        if case.status == 413
    ],
]
CARRIED = [
    *[case for case in content_lengths("/json/dict", [JSON], b"{}", 150_000) if case.status == 200],
    *[case for case in content_lengths("/raw", [], b"{}", 200_000) if case.status == 200],
    *[case for case in content_lengths("/form", [URLENCODED], b"name=a", 120_000) if case.status == 200],
    *[case for case in content_lengths("/file", [MULTIPART], FORM, 200_000) if case.status == 200],
    *[
        post(
            f"a charset {charset!r}",
            200,
            "/form",
            parts(field(b"_charset_", charset), field(b"name", b"\xff\xfe")),
            MULTIPART,
        )
        for charset in (b"idna", b"utf-7", b"hex", b"zip", b"unicode_escape", S, b"\0", b"../x", b"")
    ],
    *[
        post(f"a part's charset {charset!r}", 200, "/form", parts(typed(b"text/plain; charset=" + charset)), MULTIPART)
        for charset in (b"idna", b"utf-7", b"rot13", b"punycode", S, b'"')
    ],
    post(
        "a form's charset",
        200,
        "/form",
        parts(field(b"name", b"\xff")),
        (MULTIPART[0], MULTIPART[1] + b"; charset=idna"),
    ),
    post("a transfer encoding", 200, "/form", parts(part(b'name="name"', more=ENCODING)), MULTIPART),
    post("a charset of JSON", 200, "/json/dict", b"{}", (b"content-type", b"application/json; charset=utf-16")),
    post("JSON in capitals", 200, "/json/dict", b"{}", (b"content-type", b"APPLICATION/JSON")),
    post("an empty name of a field", 200, "/form", b"=&name=a&=", URLENCODED),
    post("data after the form", 200, "/file", FORM + S, MULTIPART),
    post("data before the form", 200, "/file", b"\r\n" + FORM, MULTIPART),
]

"""Malformed requests: paths, queries, headers, cookies, methods."""

from collections.abc import Iterator
from urllib.parse import quote

from tests.promises.cases import JSON, SECRET, Case

LONG = "9" * 5000
# Texts that a client may put anywhere.
ODD_TEXTS = {
    "5,000 digits": LONG, "minus 5,000 digits": "-" + LONG, "4,300 digits": "9" * 4300, "30 digits": "9" * 30,
    "a huge exponent": "1e999999999", "an infinity": "inf", "NaN": "nan", "a tiny number": "1e-99999", "NUL": "\0",
    "NUL behind a number": "1\0", "a lone surrogate": "\udc80", "a byte order mark": "\ufeff1", "blanks": " 1 ",
    "other digits": "٣", "nothing": "", "a sign": "-", "hexadecimal": "0x10", "a line end": "1\r\nx: y",
    "5,000 places": "0." + "0" * 5000 + "1", "the last moment": "9999-12-31T23:59:59-23:59", "many days": "P999999999D",
    "a text": SECRET, "a percent sign": "%", "markup": f"<script>{SECRET}</script>", "a long text": SECRET * 1000,
}  # fmt: skip
SCALARS = ("i", "f", "b", "s", "d", "t", "delta", "either")


def encoded(text: str) -> bytes:
    """Any text, escaped for a query string."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="").encode()


def raw(text: str) -> bytes:
    """In a header, as bytes."""
    return text.encode("utf-8", "surrogatepass")


def odd() -> Iterator[Case]:
    """Each odd text in each place of the head. What is right depends on the type: only that it is no fault of ours."""
    for name, text in ODD_TEXTS.items():
        for kind in ("int", "converted", "float", "uuid", "color", "text", "rest"):
            yield Case(f"{name} in /{kind}", 0, "GET", f"/{kind}/{text}")
        value = encoded(text)
        yield Case(
            f"{name} in a query", 0, "GET", "/scalars", b"&".join(b"%b=%b" % (each.encode(), value) for each in SCALARS)
        )
        for scalar in SCALARS:
            yield Case(f"{name} in {scalar}", 0, "GET", "/scalars", b"%b=%b" % (scalar.encode(), value))
        yield Case(f"{name} in a list", 0, "GET", "/list", b"i=%b&i=%b&s=%b" % (value, value, value))
        yield Case(f"{name} in a model", 0, "GET", "/filters", b"limit=%b&tags=%b&%b=1" % (value, value, value))
        yield Case(f"{name} in an open model", 0, "GET", "/open", b"level=%b&x=%b&%b=1" % (value, value, value))
        field = raw(text)
        for header in (b"x-number", b"x-list", b"x-text"):
            yield Case(f"{name} in {header!r}", 0, "GET", "/headers", headers=[(header, field), (header, field)])
        yield Case(
            f"{name} in headers", 0, "GET", "/headers/model", headers=[(b"level", field), (field.lower(), field)]
        )
        yield Case(
            f"{name} in a cookie", 0, "GET", "/cookies", headers=[(b"cookie", b"number=%b; text=%b" % (field, field))]
        )
        yield Case(
            f"{name} in cookies", 0, "GET", "/cookies/model", headers=[(b"cookie", b"level=%b; %b=1" % (field, field))]
        )
        yield Case(
            f"{name} in all attributes of a request", 0, "GET", "/seen", field,
            [(b"host", field), (b"cookie", field), (b"x-%b" % field.lower(), field)],
        )  # fmt: skip
        for scheme in ("bearer", "basic"):
            yield Case(
                f"{name} as {scheme}",
                0,
                "GET",
                f"/guarded/{scheme}",
                headers=[(b"authorization", raw(f"{scheme} {text}"))],
            )
        for path, parameter in (
            ("/plain", b"text"),
            ("/stream/text", b"text"),
            ("/stream/events", b"data"),
            ("/redirect", b"to"),
        ):
            yield Case(f"{name} to {path}", 0, "GET", path, b"%b=%b" % (parameter, value))


def wrong(
    name: str, status: int, path: str, query: bytes = b"", *headers: tuple[bytes, bytes], method: str = "GET"
) -> Case:
    return Case(name, status, method, path, query, headers)


S = SECRET.encode()
WRONG = [
    wrong("an int of 5,000 digits", 422, f"/int/{LONG}"),
    wrong("an int that is text", 422, f"/int/{SECRET}"),
    wrong("an int that is no number", 404, f"/converted/{SECRET}"),
    wrong("a uuid that is text", 422, f"/uuid/{SECRET}"),
    wrong("a uuid of 5,000 digits", 422, f"/uuid/{LONG}"),
    wrong("no color", 422, f"/color/{SECRET}"),
    wrong("a scalar that is text", 422, "/scalars", b"i=" + S),
    wrong("an empty scalar", 422, "/scalars", b"i="),
    wrong("a scalar without a value", 422, "/scalars", b"i"),
    wrong("all scalars at once", 422, "/scalars", b"i=%b&f=%b&b=%b&d=%b&t=%b&delta=%b" % ((S,) * 6)),
    wrong("a cut percent-escape", 422, "/scalars", b"i=%"),
    wrong("a bad percent-escape", 422, "/scalars", b"i=%zz"),
    wrong("an escape that is no UTF-8", 422, "/scalars", b"i=%ff%fe"),
    wrong("bytes that are no ASCII", 422, "/scalars", b"i=\xff\xfe"),
    wrong("no list", 422, "/list"),
    wrong("a list with a text", 422, "/list", b"i=1&i=" + S),
    wrong("an unknown parameter", 422, "/filters", b"colour=" + S),
    wrong("a parameter without a name", 422, "/filters", b"=" + S),
    wrong("a parameter out of range", 422, "/filters", b"limit=101"),
    wrong("a header that is text", 422, "/headers", b"", (b"x-number", S)),
    wrong("a header list with a text", 422, "/headers", b"", (b"x-list", b"1"), (b"x-list", S)),
    wrong("a header that is no text", 422, "/headers", b"", (b"x-number", b"\xff\0")),
    wrong("a cookie that is text", 422, "/cookies", b"", (b"cookie", b"number=" + S)),
    wrong("a cookie twice", 422, "/cookies", b"", (b"cookie", b"number=1; number=" + S)),
    wrong("a dependency's parameter", 422, "/depends", b"n=" + S),
    wrong("a query of 64 KiB and one", 414, "/scalars", b"a" * 65_537),
    wrong("too many parameters", 400, "/scalars", b"a=1&" * 1001),
    wrong("too many empty parameters", 400, "/scalars", b"&" * 1001),
    wrong("too many parameters where there is nothing", 400, "/nothing", b"&" * 1001),
    wrong("too many header fields", 431, "/headers", b"", *[(b"x", b"y")] * 201),
    wrong("too large header fields", 431, "/headers", b"", (b"x", b"y" * 70_000)),
    wrong("too large a name of a header", 431, "/headers", b"", (b"x" * 70_000, b"")),
    wrong("too large header fields where there is nothing", 431, "/nothing", b"", (b"x", b"y" * 70_000)),
    wrong("no token", 401, "/guarded/bearer"),
    wrong("an empty token", 401, "/guarded/bearer", b"", (b"authorization", b"Bearer ")),
    wrong("another scheme", 401, "/guarded/bearer", b"", (b"authorization", b"Basic " + S)),
    wrong("no base64", 401, "/guarded/basic", b"", (b"authorization", b"Basic !" + S)),
    wrong("base64 of nonsense", 401, "/guarded/basic", b"", (b"authorization", b"Basic /////w==")),
    wrong("credentials that are no ASCII", 401, "/guarded/basic", b"", (b"authorization", b"Basic \xe9")),
    wrong("credentials without a colon", 401, "/guarded/basic", b"", (b"authorization", b"Basic YWJj")),
    Case("a guard before the body", 401, "POST", "/guarded/key", headers=[JSON], body=b"{"),
    *[
        wrong(f"the method {method[:20]!r}", 405, "/scalars", method=method)
        for method in ("PURGE", "get", "", "G\r\nET", "\0", "\ud800", "CONNECT", "TRACE", "POST", "A" * 5000)
    ],
    wrong("a path of 8,193 bytes", 414, "/text/" + "a" * 8187),
    *[
        wrong(f"the path {path[:20]!r}", 404, path)
        for path in (
            "", "/", "//", "//host", "/\\host", "\\\\host", "///host/x", "/nothing", "/%2e%2e", "/../x", "/é", "/\0",
            "/\ud800", "*", "scalars", "http://host/scalars", "/scalars\n", "/scalars\0", "/docs\n", "/" * 8_000,
            "/a" * 4_000, "/int", "/int/1/2", "/SCALARS", "/scalars;a=b", "/scalars?", f"/{SECRET}",
        )
    ],
]  # fmt: skip

# Odd, and no fault of anybody's.
CARRIED = [
    wrong("NUL in a text", 200, "/text/\0"),
    wrong("a surrogate in a text", 200, "/text/\ud800"),
    wrong("a line end in a text", 200, "/text/a\r\nb"),
    wrong("a path of 8,192 bytes", 200, "/text/" + "a" * 8186),
    wrong("dots in a rest", 200, "/rest/../../x"),
    wrong("an int beyond 64 bits", 200, f"/int/{'9' * 30}"),
    wrong("an infinity", 200, "/float/inf"),
    wrong("no number", 200, "/float/nan"),
    wrong("a query that is nothing but separators", 200, "/scalars", b"&&=&=&"),
    wrong("a name twice", 200, "/scalars", b"i=" + S + b"&i=1"),
    wrong("an unknown parameter", 200, "/scalars", b"%ff=%00"),
    wrong("invalid cookies", 200, "/cookies", b"", (b"cookie", b";;=;=x;\xff=\0;,")),
    wrong("cookies in two fields", 200, "/cookies", b"", (b"cookie", b"number=1"), (b"cookie", b"text=x")),
    wrong("a header that is no ASCII", 200, "/headers", b"", (b"x-text", b"\xff\0")),
    wrong("an empty name of a header", 200, "/headers/model", b"", (b"", S)),
    wrong("the options of a path", 204, "/scalars", method="OPTIONS"),
    wrong("the head of a path", 200, "/scalars", method="HEAD"),
]

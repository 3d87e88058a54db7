"""The differences that a client sees: a table. What is not in it must be alike.

A row says which aspects of two answers it accounts for, and gives a request that shows it. `there`, `here` and `move`
stand on the page docs/how-to/from-fastapi.md, word for word.
"""

from collections.abc import Callable, Iterable
from typing import Any

from tests.differential.differences import Difference, Seen, when
from tests.examples.topics.asking import get, post, send
from tests.examples.topics.asks import JSON

PROBLEM = ("shape", "content-type")
WHOLE = ("status", "body", "detail", "places", "codes", "messages", *PROBLEM)
# Their code, and ours where they say another word.
CODES = {"model_attributes_type": "model_type", "value_error": "file_type"}


def statuses(theirs: int, ours: int) -> Callable[[Seen], bool]:
    return lambda seen: (seen.theirs.status, seen.ours.status) == (theirs, ours)


def at(*targets: str, topic: str = "otherwise") -> Callable[[Seen], bool]:
    """Whether this is one of these endpoints."""
    return lambda seen: seen.application == topic and seen.ask[2].partition("?")[0] in targets


def header_of(result: Any, name: str) -> str:
    return str(result.response.headers.get(name, ""))


def is_error(seen: Seen) -> bool:
    return bool(seen.ours.status >= 400 and header_of(seen.ours, "content-type") == "application/problem+json")


def same_codes(seen: Seen) -> bool:
    """Whether each entry is about the same, in both words of it."""
    theirs, ours = seen.theirs.facts(), seen.ours.facts()
    declared = [CODES.get(code, code) for code in theirs.get("codes", ())]
    return declared == ours.get("codes") or theirs.get("codes") == ours.get("codes")


def same_places(seen: Seen) -> bool:
    theirs, ours = seen.theirs.facts().get("places", ()), seen.ours.facts().get("places")
    return [tuple(step for step in place if step != "[key]") for place in theirs] == ours


def methods(result: Any) -> set[str]:
    return set(header_of(result, "allow").replace(" ", "").split(","))


def both(*rules: Callable[[Seen], Any]) -> Callable[[Seen], bool]:
    return lambda seen: all(rule(seen) for rule in rules)


def is_empty_after_all(seen: Seen) -> bool:
    """Whether a field of a form was sent with a value, and last of all empty."""
    declared = seen.ask[3]
    values = {name: [texts] if isinstance(texts, str) else texts for name, texts in declared.get("data", {}).items()}
    files = declared.get("files", ())
    for name, part in files.items() if isinstance(files, dict) else files:
        if part[0] is None:  # a part without a file name
            values.setdefault(name, []).append(part[1])
    return seen.application == "forms" and any(any(texts) and texts[-1] == "" for texts in values.values())


def _errors(seen: Seen) -> Iterable[str]:
    return PROBLEM if is_error(seen) else ()


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "problems",
        'an error is `{"detail": ...}`, as JSON',
        "it is a problem document (RFC 9457): `detail` is a text, a 422 has `errors`",
        "clients that look at errors read `errors[].in`, `name`, `pointer`, `code`; or `App(errors=FastAPIErrors())`,"
        " see below",
        ("first_steps", get("/books/three", 422)),
        _errors,
    ),
    Difference(
        "messages",
        "some messages are in Python's words (a list, a dictionary), or repeat what was sent",
        "they are in JSON's words (an array, an object), and never repeat what was sent",
        "compare places and codes, not messages",
        ("bodies", post("/kits/", 422, json={"name": "k", "parts": {}})),
        when(both(is_error, same_codes), "messages"),
    ),
    Difference(
        "codes",
        "an array in place of a model is `model_attributes_type`, a text in place of a file `value_error`",
        "`model_type`, and `file_type`",
        "nothing, or look for the other word",
        ("bodies", post("/parts/", 422, json=[1])),
        when(both(is_error, same_codes), "codes"),
    ),
    Difference(
        "keys",
        "a dictionary's key that is not valid has `[key]` behind its place",
        "its place is that of its value",
        "nothing",
        ("bodies", post("/weights", 422, json={"a": 1})),
        when(both(is_error, same_places), "places"),
    ),
    Difference(
        "broken JSON",
        "JSON that cannot be parsed is a 422",
        "a 400; 422 is for what was parsed and is not valid",
        "expect 400",
        ("bodies", post("/parts/", 400, content=b"{", headers=JSON)),
        when(both(statuses(422, 400), is_error), *WHOLE),
    ),
    Difference(
        "what is wrong with the body",
        "a body that cannot be decoded, or is a broken form, says only that there was an error",
        "it says what was wrong",
        "nothing",
        ("bodies", post("/parts/", 400, content=b"\xff", headers=JSON)),
        when(both(statuses(400, 400), is_error, lambda seen: seen.ask[3].get("content")), "detail"),
    ),
    Difference(
        "no JSON numbers",
        "`NaN` and `Infinity` in JSON are taken",
        "a 400: they are no JSON, and could not be answered as such",
        "send `null`, or a text",
        ("bodies", post("/anything", 400, content=b"[NaN]", headers=JSON)),
        when(both(statuses(200, 400), lambda seen: b"NaN" in seen.ask[3].get("content", b"")), *WHOLE),
    ),
    Difference(
        "media type",
        "a body of another media type is a 422 about its content",
        "a 415, with `Accept-Post`",
        "send the `Content-Type`; clients for JSON and forms do",
        ("bodies", post("/parts/", 415, data={"name": "axle"})),
        when(both(statuses(422, 415), lambda seen: header_of(seen.ours, "accept-post")), *WHOLE, "accept-post"),
    ),
    Difference(
        "HEAD",
        "`HEAD` is a 405 where only `GET` was declared",
        "it is answered as `GET` without its body",
        "nothing",
        ("first_steps", send("HEAD", "/")),
        when(both(statuses(405, 200), lambda seen: seen.ask[1] == "HEAD"), *WHOLE, "allow"),
    ),
    Difference(
        "OPTIONS",
        "`OPTIONS` is a 405",
        "a 204 with `Allow`",
        "nothing",
        ("first_steps", send("OPTIONS", "/", 204)),
        when(both(statuses(405, 204), lambda seen: seen.ask[1] == "OPTIONS"), *WHOLE, "allow"),
    ),
    Difference(
        "Allow",
        "`Allow` names the methods of one route with this path",
        "those of all of them, and `HEAD`",
        "nothing",
        ("first_steps", post("/", 405)),
        when(both(statuses(405, 405), lambda seen: methods(seen.theirs) <= methods(seen.ours)), "allow"),
    ),
    Difference(
        "escaped slashes",
        "an escaped slash (`%2F`) divides a path",
        "it belongs to the value that it stands in",
        "nothing, unless it was meant to divide: `{name:path}`",
        ("first_steps", get("/untyped/a%2Fb")),
        when(both(statuses(404, 200), lambda seen: "%2F" in seen.ask[2]), *WHOLE),
    ),
    Difference(
        "redirects",
        "the redirect to a path with or without its last slash names the host",
        "it is relative, so that no `Host` can lead it astray",
        "nothing; clients resolve it",
        ("first_steps", get("/books/3/", 307)),
        when(
            both(
                statuses(307, 307),
                lambda seen: header_of(seen.theirs, "location").endswith(header_of(seen.ours, "location")),
            ),
            "location",
        ),
    ),
    Difference(
        "documentation page",
        "`/docs` is Swagger UI, loaded from another host; `/redoc` is a second page",
        "`/docs` is a page of signette's own, which loads nothing from elsewhere",
        "mount what you like to see besides; the document is at `/openapi.json` on both",
        ("first_steps", get("/docs")),
        when(lambda seen: seen.ask[2].endswith("/docs"), "body", "content-security-policy"),
    ),
    Difference(
        "no content",
        "a 204 without a body names a `Content-Type`",
        "it does not",
        "nothing",
        ("answers", send("DELETE", "/seats/3", 204)),
        when(statuses(204, 204), "content-type"),
    ),
    Difference(
        "None",
        "`-> None` is a 200 with `null`",
        "a 204",
        "leave the annotation out for `null`; `status_code=200` beside it answers 200 without a body",
        ("otherwise", get("/none", 204)),
        when(at("/none"), *WHOLE),
    ),
    Difference(
        "texts",
        "`-> str` is JSON, in quotation marks",
        "it is `text/plain`",
        "`response_class=JSONResponse` for JSON",
        ("otherwise", get("/text")),
        when(at("/text"), *WHOLE),
    ),
    Difference(
        "bytes",
        "`-> bytes` is a JSON text",
        "it is `application/octet-stream`",
        "nothing; there it fails for what is no UTF-8",
        ("otherwise", get("/bytes")),
        when(at("/bytes"), *WHOLE),
    ),
    Difference(
        "files",
        "`-> pathlib.Path` is the path, as JSON: a text",
        "it is the file at that path",
        "return `str(path)` where the path is meant",
        ("otherwise", get("/file")),
        when(at("/file"), *WHOLE, "accept-ranges", "content-disposition"),
    ),
    Difference(
        "streams",
        "a stream of `bytes` by `response_class=StreamingResponse` has no `Content-Type`",
        "it is `application/octet-stream`",
        "a subclass with a `media_type` says another, on both",
        ("talk", get("/letters")),
        when(at("/letters", topic="talk"), "content-type"),
    ),
    Difference(
        "streams of text",
        "an iterator of `str` is JSON Lines",
        "it is sent as it is, as `text/plain`",
        "yield models, dictionaries or numbers for JSON Lines",
        ("otherwise", get("/names")),
        when(at("/names"), *WHOLE),
    ),
    Difference(
        "text of an event",
        "`ServerSentEvent(data='hello')` sends JSON: `\"hello\"`; `raw_data=` sends text as it is",
        "`data` that is a text goes out as it is, all else as JSON; there is no `raw_data`",
        "write `data=` for `raw_data=`; for a text as JSON, `data=json.dumps(text)`",
        ("otherwise", get("/says")),
        when(at("/says"), "body"),
    ),
    Difference(
        "fields of an event",
        "the data of an event come before its id",
        "after it",
        "nothing; their order says nothing to a client",
        ("talk", get("/events")),
        when(
            lambda seen: (
                header_of(seen.ours, "content-type").startswith("text/event-stream")
                and sorted(seen.theirs.response.text.split("\n")) == sorted(seen.ours.response.text.split("\n"))
            ),
            "body",
        ),
    ),
    Difference(
        "detail",
        "`HTTPException(detail=...)` may be anything that JSON has, and stands under `detail`",
        "a text is the problem's `detail`; the members of a mapping are members of the problem",
        'read `body["left"]` for `body["detail"]["left"]`; put a list into a mapping',
        ("otherwise", get("/mapping", 409)),
        when(at("/mapping", "/list"), "detail"),
    ),
    Difference(
        "strict models side by side",
        "two models with `extra='forbid'` refuse each other's fields",
        "each owns its fields; what nobody owns is refused",
        "nothing",
        ("otherwise", get("/side-by-side?a=3&b=4")),
        when(at("/side-by-side"), *WHOLE),
    ),
    Difference(
        "nested forms",
        "`to[city]=Oslo` in a form is left out",
        "it is the member `city` of the field `to`",
        "nothing",
        ("otherwise", post("/nested", data={"to[city]": "Oslo"})),
        when(at("/nested"), "body"),
    ),
    Difference(
        "a field of a form twice",
        "a form field that is sent twice, empty the second time, is missing",
        "its earlier value counts",
        "nothing",
        ("forms", post("/letters", data={"to": ["Ada", ""], "weight": "1"})),
        when(is_empty_after_all, *WHOLE),
    ),
    Difference(
        "raw bodies",
        "`Annotated[bytes, Body()]` refuses a body that is JSON",
        "it is the body as it came, of any media type",
        "nothing",
        ("otherwise", post("/raw", json=[1])),
        when(at("/raw"), *WHOLE),
    ),
    Difference(
        "values before dependencies",
        "a parameter's dependency that refuses goes before what is wrong with the endpoint's own values",
        "all values are read first, so that a 422 calls no dependency; guards and entries of `dependencies=[...]` "
        "alone go before",
        "write `Security(check)` for `Depends(check)` where it is to go first: then it costs no upload either",
        ("otherwise", post("/guarded", 422, json={}, headers={"x-secret": "no"})),
        when(both(at("/guarded"), statuses(403, 422)), *WHOLE),
    ),
    Difference(
        "no call before all values",
        "`yield` dependencies are entered, and left, where a later value is not valid",
        "they are not entered",
        "nothing, unless their calls are counted",
        ("needs", get("/log", x_house="open")),
        when(at("/log", topic="needs"), "body"),
    ),
    Difference(
        "no token",
        "`Authorization: Bearer` without a token gives the dependency an empty token",
        "it is no credential: the scheme refuses with its 401",
        "nothing",
        ("guards", get("/me", 401, authorization="Bearer")),
        when(
            lambda seen: (
                seen.application == "guards" and dict(seen.ask[3].get("headers", {})).get("authorization") == "Bearer"
            ),
            "status",
            "detail",
            "body",
            "www-authenticate",
        ),
    ),
    Difference(
        "layers",
        "a layer that refuses, as `TrustedHostMiddleware` does, answers in plain text",
        "in an `App` it answers with a problem document",
        "nothing",
        ("bigger", get("/", 400, host="evil.test")),
        when(
            both(
                statuses(400, 400),
                is_error,
                lambda seen: header_of(seen.theirs, "content-type").startswith("text/plain"),
                lambda seen: seen.theirs.response.text == seen.ours.json["detail"],
            ),
            *WHOLE,
        ),
    ),
    Difference(
        "500",
        "an error of the application is a 500 as plain text",
        "a problem document, which tells nothing of it either",
        "nothing",
        ("otherwise", get("/broken", 500)),
        when(statuses(500, 500), *WHOLE),
    ),
    Difference(
        "limits",
        "there are no bounds but those that you set",
        "16 MiB a body, 2 MiB of JSON, 8,192 bytes of path, 1,000 query parameters and more: 413, 414, 431, 400;"
        " a field of a form over its limit is a 413",
        "`App(limits=Limits(...))` and `max_body_size=` of a route set them",
        (
            "otherwise",
            post(
                "/guarded", 413, content=b'{"seats": 1, "x": "%b"}' % (b"a" * 2**21), headers=JSON | {"x-secret": "s3"}
            ),
        ),
        when(lambda seen: seen.ours.status == 413 and "body exceeds 2097152 bytes" in str(seen.ours.json), *WHOLE),
    ),
    Difference(
        "unread bodies",
        "a `Content-Length` over `max_body_size` is a 413, even if the endpoint does not read the body",
        "it is a 413 if the body is read; an endpoint without a body responds",
        "nothing",
        ("otherwise", post("/unread", content=b"abcdef")),
        when(both(at("/unread"), statuses(413, 200)), *WHOLE),
    ),
)

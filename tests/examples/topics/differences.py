"""The differences that a client sees: a table. What is not in it must be alike.

A row says which aspects of two responses it accounts for, and gives a request that shows it. `there`, `here` and `move`
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
        'an error is `{"detail": ...}`',
        "an error is a problem document (RFC 9457): `detail` is a string, a 422 has `errors`",
        "read `errors[].in`, `name`, `pointer` and `code`; or [keep the old shape](#keep-the-shape-of-errors)",
        ("first_steps", get("/books/three", 422)),
        _errors,
    ),
    Difference(
        "messages",
        "some messages name Python types (a list, a dictionary), or repeat the input",
        "messages name JSON types (an array, an object), and never repeat the input",
        "compare locations and codes, not messages",
        ("bodies", post("/kits/", 422, json={"name": "k", "parts": {}})),
        when(both(is_error, same_codes), "messages"),
    ),
    Difference(
        "codes",
        "an array in place of a model is `model_attributes_type`, a string in place of a file `value_error`",
        "`model_type`, and `file_type`",
        "nothing, or compare with the new code",
        ("bodies", post("/parts/", 422, json=[1])),
        when(both(is_error, same_codes), "codes"),
    ),
    Difference(
        "keys",
        "the location of an invalid key of a dictionary ends with `[key]`",
        "it is the location of its value",
        "nothing",
        ("bodies", post("/weights", 422, json={"a": 1})),
        when(both(is_error, same_places), "places"),
    ),
    Difference(
        "broken JSON",
        "JSON that cannot be parsed is a 422",
        "a 400; a 422 is for JSON that was parsed and is invalid",
        "expect 400",
        ("bodies", post("/parts/", 400, content=b"{", headers=JSON)),
        when(both(statuses(422, 400), is_error), *WHOLE),
    ),
    Difference(
        "what is wrong with the body",
        "the 400 for a body that cannot be decoded, or for a broken form, gives no reason",
        "it gives the reason",
        "nothing",
        ("bodies", post("/parts/", 400, content=b"\xff", headers=JSON)),
        when(both(statuses(400, 400), is_error, lambda seen: seen.ask[3].get("content")), "detail"),
    ),
    Difference(
        "no JSON numbers",
        "`NaN` and `Infinity` in JSON are accepted",
        "a 400: they are not JSON, and a response could not contain them",
        "send `null`, or a string",
        ("bodies", post("/anything", 400, content=b"[NaN]", headers=JSON)),
        when(both(statuses(200, 400), lambda seen: b"NaN" in seen.ask[3].get("content", b"")), *WHOLE),
    ),
    Difference(
        "media type",
        "a body of another media type is a 422 about its content",
        "a 415, with `Accept-Post`",
        "send the `Content-Type`, as clients for JSON and forms do",
        ("bodies", post("/parts/", 415, data={"name": "axle"})),
        when(both(statuses(422, 415), lambda seen: header_of(seen.ours, "accept-post")), *WHOLE, "accept-post"),
    ),
    Difference(
        "HEAD",
        "`HEAD` is a 405 if only `GET` is declared",
        "it is handled as `GET`, without the body",
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
        "`Allow` has the methods of one route with the path",
        "the methods of all routes with the path, and `HEAD`",
        "nothing",
        ("first_steps", post("/", 405)),
        when(both(statuses(405, 405), lambda seen: methods(seen.theirs) <= methods(seen.ours)), "allow"),
    ),
    Difference(
        "escaped slashes",
        "an escaped slash (`%2F`) separates path segments",
        "it is part of the value",
        "use `{name:path}` if it should separate segments",
        ("first_steps", get("/untyped/a%2Fb")),
        when(both(statuses(404, 200), lambda seen: "%2F" in seen.ask[2]), *WHOLE),
    ),
    Difference(
        "redirects",
        "the redirect that adds or removes a trailing slash has an absolute URL with the `Host` header",
        "it has a relative URL, so a forged `Host` has no effect",
        "nothing: clients resolve it",
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
        "`/docs` is its own page, which loads nothing from other hosts",
        "`App(docs=SwaggerUI())` of `signette.openapi.docs`; the OpenAPI document is at `/openapi.json` on both",
        ("first_steps", get("/docs")),
        when(lambda seen: seen.ask[2].endswith("/docs"), "body", "content-security-policy"),
    ),
    Difference(
        "no content",
        "a 204 without a body has a `Content-Type`",
        "it has none",
        "nothing",
        ("answers", send("DELETE", "/seats/3", 204)),
        when(statuses(204, 204), "content-type"),
    ),
    Difference(
        "None",
        "`-> None` is a 200 with `null`",
        "a 204",
        "`default_response_class=JSONResponse`, or remove the annotation, for `null`; `status_code=200` for an "
        "empty 200",
        ("otherwise", get("/none", 204)),
        when(at("/none"), *WHOLE),
    ),
    Difference(
        "texts",
        "`-> str` is a JSON string",
        "it is `text/plain`",
        "`response_class=JSONResponse`, or `App(default_response_class=JSONResponse)` for all",
        ("otherwise", get("/text")),
        when(at("/text"), *WHOLE),
    ),
    Difference(
        "bytes",
        "`-> bytes` is a JSON string, or a 500 if it is not UTF-8",
        "it is `application/octet-stream`",
        "the same",
        ("otherwise", get("/bytes")),
        when(at("/bytes"), *WHOLE),
    ),
    Difference(
        "files",
        "`-> pathlib.Path` is the path, as a JSON string",
        "it is the file at the path",
        "the same, or return `str(path)`",
        ("otherwise", get("/file")),
        when(at("/file"), *WHOLE, "accept-ranges", "content-disposition"),
    ),
    Difference(
        "streams",
        "`response_class=StreamingResponse` with an iterator of `bytes` has no `Content-Type`",
        "it is `application/octet-stream`",
        "a subclass with a `media_type` sets another one, on both",
        ("talk", get("/letters")),
        when(at("/letters", topic="talk"), "content-type"),
    ),
    Difference(
        "streams of text",
        "an iterator of `str` or `bytes` is JSON Lines",
        "it is sent unchanged, as `text/plain` or `application/octet-stream`",
        "annotate it as `Iterator[Any]` for JSON Lines",
        ("otherwise", get("/names")),
        when(at("/names"), *WHOLE),
    ),
    Difference(
        "text of an event",
        "`ServerSentEvent(data='hello')` sends JSON: `\"hello\"`; `raw_data=` sends text unchanged",
        "`data` that is a string is sent unchanged, other values as JSON; there is no `raw_data`",
        "write `data=` for `raw_data=`, and `data=json.dumps(text)` for a JSON string",
        ("otherwise", get("/says")),
        when(at("/says"), "body"),
    ),
    Difference(
        "fields of an event",
        "the data of an event comes before its id",
        "after it",
        "nothing: the order has no meaning",
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
        "`HTTPException(detail=...)` may be any JSON value, under `detail`",
        "a string is the problem's `detail`; the members of a mapping are members of the problem",
        'read `body["left"]` for `body["detail"]["left"]`; or [keep the old shape](#keep-the-shape-of-errors)',
        ("otherwise", get("/mapping", 409)),
        when(at("/mapping", "/list"), "detail"),
    ),
    Difference(
        "strict models side by side",
        "two models with `extra='forbid'` reject each other's fields",
        "each has its own fields; a name that neither has is rejected",
        "nothing",
        ("otherwise", get("/side-by-side?a=3&b=4")),
        when(at("/side-by-side"), *WHOLE),
    ),
    Difference(
        "nested forms",
        "`to[city]=Oslo` in a form is ignored",
        "it is the member `city` of the field `to`",
        "nothing",
        ("otherwise", post("/nested", data={"to[city]": "Oslo"})),
        when(at("/nested"), "body"),
    ),
    Difference(
        "a field of a form twice",
        "a form field that is sent twice, the second time empty, is missing",
        "its first value counts",
        "nothing",
        ("forms", post("/letters", data={"to": ["Ada", ""], "weight": "1"})),
        when(is_empty_after_all, *WHOLE),
    ),
    Difference(
        "raw bodies",
        "`Annotated[bytes, Body()]` rejects a JSON body",
        "it is the body as it was sent, of any media type",
        "nothing",
        ("otherwise", post("/raw", json=[1])),
        when(at("/raw"), *WHOLE),
    ),
    Difference(
        "values before dependencies",
        "a dependency of a parameter can raise before the endpoint's own values are validated",
        "all values are validated first, so a 422 calls no dependency; only guards and `dependencies=[...]` run before",
        "write `Security(check)` for `Depends(check)` to run it first, before the body is read",
        ("otherwise", post("/guarded", 422, json={}, headers={"x-secret": "no"})),
        when(both(at("/guarded"), statuses(403, 422)), *WHOLE),
    ),
    Difference(
        "no call before all values",
        "`yield` dependencies are entered and closed if a later value is invalid",
        "they are not entered",
        "nothing, unless you count their calls",
        ("needs", get("/log", x_key="open")),
        when(at("/log", topic="needs"), "body"),
    ),
    Difference(
        "no token",
        "`Authorization: Bearer` without a token gives the dependency an empty token",
        "it has no credentials: the scheme responds 401",
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
        "middleware such as `TrustedHostMiddleware` sends errors as plain text",
        "in an `App` it sends problem documents",
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
        "a problem document, without details too",
        "nothing",
        ("otherwise", get("/broken", 500)),
        when(statuses(500, 500), *WHOLE),
    ),
    Difference(
        "limits",
        "there are no limits by default",
        "16 MiB for a body, 2 MiB for JSON, 8,192 bytes for a path, 1,000 query parameters and more: 413, 414, "
        "431, 400; a form field over its limit is a 413",
        "`App(limits=Limits(...))` and `max_body_size=` of a route change them; `None` removes one",
        (
            "otherwise",
            post(
                "/guarded", 413, content=b'{"seats": 1, "x": "%b"}' % (b"a" * 2**21), headers=JSON | {"x-secret": "s3"}
            ),
        ),
        when(lambda seen: seen.ours.status == 413 and "body exceeds 2097152 bytes" in str(seen.ours.json), *WHOLE),
    ),
)

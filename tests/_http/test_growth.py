"""Parsers take linear time, also for input that is designed to be slow."""

from collections.abc import Callable
from time import process_time

import pytest

from signette._http.accept import choose_media_type, offer_of
from signette._http.cache_control import parse_cache_control
from signette._http.conditional import parse_entity_tags, parse_http_date
from signette._http.cookies import parse_cookies, render_cookie
from signette._http.idempotency_key import parse_idempotency_key
from signette._http.json import dumps, has_more_values, loads
from signette._http.media import is_json, parse_content_disposition, parse_media_type
from signette._http.query import encode_pairs, parse_pairs
from signette._http.ranges import parse_ranges

pytestmark = pytest.mark.thorough

SMALL, TIMES = 1 << 12, 16
JSON = offer_of("application/json")


def rejected_json(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        loads(text)


HOSTILE: list[tuple[str, Callable[[str], object], Callable[[int], str]]] = [
    ("pairs", lambda text: parse_pairs(text.encode()), lambda n: "a=%26&" * n),
    ("no pairs", lambda text: parse_pairs(text.encode()), lambda n: "&" * n),
    ("percents", lambda text: parse_pairs(text.encode()), lambda n: "%" * n),
    ("pluses", lambda text: parse_pairs(text.encode()), lambda n: "+%3d" * n),
    ("encoding", lambda text: encode_pairs([(text, text)]), lambda n: "é" * n),
    ("cookies", parse_cookies, lambda n: 'a="\\"; ' * n),
    ("quotes", parse_cookies, lambda n: 'a="' + "\\" * n),
    ("a cookie", lambda text: render_cookie("a", text), lambda n: ";" * n),
    ("blanks", parse_media_type, lambda n: "a/b; " + " " * n),
    ("parameters", parse_media_type, lambda n: "a/b" + ';a="\\' * n),
    ("names", parse_media_type, lambda n: "a/b;" + "a" * n),
    ("semicolons", parse_content_disposition, lambda n: "; =" * n),
    ("back slashes", parse_content_disposition, lambda n: 'a; b="' + "\\" * n),
    ("a type", is_json, lambda n: "a/" + "+json" * n + ","),
    ("tags", parse_entity_tags, lambda n: '"a",' * n),
    ("open tags", parse_entity_tags, lambda n: '"' + 'W/"' * n),
    ("blanks between tags", parse_entity_tags, lambda n: '"a",' + " " * n + "x"),
    ("a date", parse_http_date, lambda n: "Mon, " * n),
    ("ranges", lambda text: parse_ranges(text, 100, 1 << 30), lambda n: "bytes=" + "0-," * n),
    ("digits", lambda text: parse_ranges(text, 100), lambda n: "bytes=0-" + "9" * n),
    ("directives", parse_cache_control, lambda n: 'a="\\",' * n),
    ("no directives", parse_cache_control, lambda n: 'a="' + "\\" * n + ",a=" * n),
    ("a key", lambda text: parse_idempotency_key([text]), lambda n: '"a"' + ';a="x"' * n + '"'),
    ("brackets", rejected_json, lambda n: "[" * n),
    ("a long number", rejected_json, lambda n: "9" * n + "]"),
    ("open strings", lambda text: has_more_values(text.encode(), 1), lambda n: '"\\' * n),
    ("escaped commas", lambda text: has_more_values(text.encode(), 1), lambda n: '"\\",' * n),
    ("accept", lambda text: choose_media_type(text, (JSON,)), lambda n: 'a/b;q="\\",' * n),
    ("open quotes", lambda text: choose_media_type(text, (JSON,)), lambda n: '"\\' * n),
    ("text", dumps, lambda n: "\ud800" * n),
]


@pytest.mark.parametrize(("parse", "hostile"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_sixteen_times_the_input_is_not_a_hundred_times_the_work(parse, hostile):
    small, big = hostile(SMALL), hostile(SMALL * TIMES)
    # Squared growth would be 256 times the work. What is too quick for the clock is no matter.
    assert cost(parse, big) < 100 * max(cost(parse, small), 0.0002)


def cost(parse: Callable[[str], object], text: str) -> float:
    def once() -> float:
        start = process_time()
        parse(text)
        return process_time() - start

    return min(once() for _ in range(3))

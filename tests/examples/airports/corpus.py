"""Requests that are wrong, or odd, with the status that each is to get: as bytes, the way they travel."""

import json
from typing import NamedTuple
from urllib.parse import quote_from_bytes

from tests.examples.airports.sample import NEW


class Case(NamedTuple):
    """A request. `over_socket` is False where the server rejects it before the application sees it."""

    status: int
    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    over_socket: bool = True

    @property
    def name(self) -> str:
        what = self.body or b" ".join(value for _, value in self.headers if value not in {b"demo", b"application/json"})
        return f"{self.status}-{self.method}-{self.target[:60]}-{quote_from_bytes(what[:40])}"


KEY = (b"x-api-key", b"demo")
JSON = (KEY, (b"content-type", b"application/json"))
URLENCODED = ((b"content-type", b"application/x-www-form-urlencoded"),)
BOUNDARY = b"edge"
MULTIPART = (KEY, (b"content-type", b"multipart/form-data; boundary=edge"))


def get(status: int, target: str, *headers: tuple[bytes, bytes], over_socket: bool = True) -> Case:
    return Case(status, "GET", target, headers, over_socket=over_socket)


def post(status: int, body: bytes | str, headers: tuple[tuple[bytes, bytes], ...] = JSON) -> Case:
    return Case(status, "POST", "/airports", headers, body.encode() if isinstance(body, str) else body)


def airport(status: int, **changes: object) -> Case:
    """A new airport with some of its members exchanged."""
    return post(status, json.dumps(NEW | changes))


def review(status: int, body: bytes, headers: tuple[tuple[bytes, bytes], ...] = URLENCODED) -> Case:
    return Case(status, "POST", "/airports/FRA/reviews", headers, body)


def upload(status: int, body: bytes, headers: tuple[tuple[bytes, bytes], ...] = MULTIPART) -> Case:
    return Case(status, "POST", "/corrections", headers, body)


def part(content: bytes, name: bytes = b'name="file"; filename="c.csv"', *lines: bytes) -> bytes:
    head = b"\r\n".join((b"--edge", b"Content-Disposition: form-data; " + name, *lines))
    return head + b"\r\n\r\n" + content + b"\r\n"


END = b"--edge--\r\n"
PATHS = [
    get(404, "/nowhere"),
    get(404, "/airports/FRA/weather"),
    get(404, "/AIRPORTS"),
    get(404, "//airports"),
    get(404, "/airports/%2e%2e/%2e%2e/etc/passwd"),
    get(404, "/airports/FRA%2Fsummary/x"),
    get(404, "/%00"),
    get(404, "/%ff%fe"),
    get(404, "/airports/XXX"),
    get(404, "/airports/XXX/summary"),
    get(404, "/airports/XXX/reviews"),
    get(404, "/reviews/00000000-0000-0000-0000-000000000000"),
    get(422, "/airports/F"),
    get(422, "/airports/FRANKFURT"),
    get(422, "/airports/FR%00"),
    get(422, "/airports/%ED%A0%80"),
    get(422, "/airports/%zz"),
    get(422, "/airports/%"),
    get(422, "/airports/FRA%0A"),
    get(422, "/airports/F%C3%84R"),
    get(422, "/airports/" + "A" * 8000),
    get(422, "/airports/'%20OR%201=1"),
    get(422, "/reviews/1"),
    get(422, "/reviews/%00"),
    Case(422, "PUT", "/units/furlongs"),
]
METHODS = [
    Case(405, "POST", "/airports/FRA", JSON, b"{}"),
    Case(405, "DELETE", "/airports", (KEY,)),
    Case(405, "POST", "/airports/FRA", JSON, b"{}"),
    Case(405, "PUT", "/corrections", MULTIPART),
    Case(405, "TRACE", "/airports"),
    Case(405, "get", "/airports", over_socket=False),
    Case(405, "BREW", "/airports/FRA", over_socket=False),
    Case(405, "POST", "/openapi.json"),
    Case(405, "POST", "/docs"),
]
QUERIES = [
    get(422, "/airports?page=zero"),
    get(422, "/airports?page=0"),
    get(422, "/airports?page="),
    get(422, "/airports?page=1.5"),
    get(422, "/airports?page=" + "9" * 5000),
    get(422, "/airports?page=-1"),
    get(422, "/airports?page=18446744073709551616"),
    get(422, "/airports?page_size=201"),
    get(422, "/airports?sort=size"),
    get(422, "/airports?sort=icao;DROP%20TABLE%20airports"),
    get(422, "/airports?descending=perhaps"),
    get(422, "/airports?colour=red"),
    get(422, "/airports?=&=="),
    get(422, "/airports?country=Germany"),
    get(422, "/airports?country=%C3%9F%C3%9F"),
    get(422, "/airports?country=D%00"),
    get(422, "/airports?name="),
    get(422, "/airports?name=%20"),
    get(422, "/airports?name=a%00b"),
    get(422, "/airports?name=" + "a" * 101),
    get(422, "/airports?south=1"),
    get(422, "/airports?south=2&west=0&north=1&east=1"),
    get(422, "/airports?south=nan&west=0&north=1&east=1"),
    get(422, "/airports?min_elevation_m=-inf"),
    get(422, "/airports?min_elevation_m=1e999"),
    get(422, "/nearest"),
    get(422, "/nearest?latitude=91&longitude=0"),
    get(422, "/nearest?latitude=NaN&longitude=Infinity"),
    get(422, "/nearest?latitude=0x10&longitude=1_0"),
    get(422, "/nearest?latitude=0&longitude=0&limit=0"),
    get(422, "/nearest?latitude=0&longitude=0&within_km=0"),
    get(422, "/nearest?latitude=0&longitude=0&within_km=nan"),
    get(422, "/airports/FRA/reviews?limit=101"),
    get(400, "/airports/FRA/reviews?cursor="),
    get(400, "/airports/FRA/reviews?cursor=AQ%00"),
    get(422, "/export/airports.jsonl?country=1"),
    get(422, "/export/airports?country=1"),
    get(414, "/airports?name=" + "a" * 70_000, over_socket=False),
    get(400, "/airports?" + "&".join(f"a{number}=1" for number in range(1001))),
]
HEADERS = [
    get(406, "/export/airports", (b"accept", b"image/png")),
    get(406, "/export/airports?country=1", (b"accept", b"text/csv;q=0, \xff")),
    get(422, "/airports/FRA", (b"cookie", b"units=furlongs")),
    get(422, "/airports/FRA", (b"cookie", b"units=")),
    get(422, "/airports", (b"cookie", b'units="\\377"')),
    get(431, "/airports/FRA", *((b"x-%d" % number, b"1") for number in range(201))),
    get(431, "/airports/FRA", (b"x-long", b"a" * 66_000), over_socket=False),
    Case(401, "POST", "/airports", (JSON[1],), b"{}"),
    Case(401, "POST", "/airports", ((b"x-api-key", b"d\xe9mo"), JSON[1]), b"{}"),
    Case(401, "POST", "/airports", ((b"x-api-key", b"demo "), JSON[1]), b"not json", over_socket=False),
    Case(401, "DELETE", "/airports/nonsense"),
    Case(401, "POST", "/corrections", MULTIPART[1:], b"no form"),
]
BODIES = [
    post(422, b""),
    post(422, b"", (KEY,)),
    post(422, b"null"),
    post(422, b"[]"),
    post(422, b"{}"),
    post(422, b'"EDDF"'),
    post(400, b"{"),
    post(400, b"{'icao': 'ZZ01'}"),
    post(400, b'{"icao": "ZZ01",}'),
    post(400, b"{} {}"),
    post(400, b'{"icao": "\xff"}'),
    post(400, b'{"icao": "\\ud800"}'),
    post(400, b"\xef\xbb\xbf{}"),
    post(400, '{"icao": "ZZ01"}'.encode("utf-16")),
    post(400, b'{"latitude": NaN, '),
    post(400, b"[" * 30_000),
    post(400, b"\x00"),
    post(422, b'{"latitude": 1' + b"0" * 4_000 + b"}"),
    post(413, b" " * 64 * 1024 + b"{}"),
    post(415, json.dumps(NEW), (KEY, (b"content-type", b"text/plain"))),
    post(415, json.dumps(NEW), (KEY, (b"content-type", b"application/x-www-form-urlencoded"))),
    post(415, json.dumps(NEW), (KEY,)),
    post(415, json.dumps(NEW), (KEY, (b"content-type", b"json"))),
    post(415, json.dumps(NEW), (KEY, (b"content-type", b"\xff\xfe"))),
    airport(422, icao="zz01"),
    airport(422, icao=1),
    airport(422, icao=None),
    airport(422, icao="ZZ01\n"),
    airport(422, iata=""),
    airport(422, name=""),
    airport(422, name="a\x00b"),
    airport(422, name="a" * 101),
    airport(422, city=[]),
    airport(422, country="Germany"),
    airport(422, latitude=90.1),
    airport(422, latitude="north"),
    airport(422, latitude=True, longitude={}),
    airport(422, longitude=10**400),
    airport(422, elevation=100),
    airport(422, elevation={"value": 10, "unit": "yd"}),
    airport(422, elevation={"value": 30_000, "unit": "m"}),
    airport(422, elevation={"value": 10, "unit": "m", "of": "what"}),
    airport(422, timezone="../../etc/passwd"),
    airport(422, timezone="Europe/Berlin\x00"),
    airport(422, colour="red"),
    airport(409, icao="EDDF"),
    Case(404, "PUT", "/airports/ZZ01", JSON, json.dumps(NEW).encode()),
    Case(422, "PUT", "/airports/EDDF", JSON, json.dumps(NEW).encode()),
    Case(422, "PUT", "/airports/FRA", JSON, json.dumps(NEW).encode()),
    Case(400, "PUT", "/airports/EDDF", JSON, b"nonsense"),
    Case(404, "PATCH", "/airports/ZZ01", JSON, b"{}"),
    Case(412, "PATCH", "/airports/EDDF", (*JSON, (b"if-match", b'"old"')), b"{}"),
    Case(400, "PATCH", "/airports/EDDF", (*JSON, (b"if-match", b"old")), b"{}"),
    Case(412, "PUT", "/airports/EDDF", (*JSON, (b"if-none-match", b"*")), json.dumps(NEW | {"icao": "EDDF"}).encode()),
    Case(422, "PATCH", "/airports/EDDF", JSON, b'{"icao": "EDDM"}'),
    Case(422, "PATCH", "/airports/EDDF", JSON, b'{"elevation": {"unit": "yd"}}'),
    Case(422, "PATCH", "/airports/EDDF", JSON, b'{"name": null}'),
    Case(422, "PATCH", "/airports/EDDF", JSON, b"[]"),
    Case(409, "PATCH", "/airports/EDDF", JSON, b'{"iata": "MUC"}'),
    Case(400, "PATCH", "/airports/EDDF", JSON, b"nonsense"),
    Case(404, "DELETE", "/airports/ZZ01", (KEY,)),
]
FORMS = [
    review(422, b""),
    review(422, b"", ()),
    review(422, b"author=&rating="),
    review(422, b"author=Me&rating=6"),
    review(422, b"author=Me&rating=five"),
    review(422, b"author=Me&rating=" + b"9" * 5000),
    review(422, b"author=Me&rating=5&visited=2024-02-30"),
    review(422, b"author=Me&rating=5&visited=9999-12-31"),
    review(422, b"author=a%00b&rating=5"),
    review(422, b"author=Me&rating=5&colour=red"),
    review(422, b"%=%&&;=\xff"),
    review(422, b"author=Me&rating=5&text=" + b"a" * 2001),
    review(400, b"a=1&" * 1001),
    review(413, b"author=" + b"a" * (4 * 1024 * 1024)),
    review(415, b"{}", (JSON[1],)),
    review(415, b"author=Me&rating=5", ()),
    review(415, b"author=Me&rating=5", ((b"content-type", b"text/html"),)),
    review(422, part(b"Me", b'name="author"') + END, MULTIPART),
    Case(404, "POST", "/airports/XXX/reviews", URLENCODED, b"author=Me&rating=5"),
]
UPLOADS = [
    upload(422, b"", (KEY,)),
    upload(422, END),
    upload(422, part(b"icao\n", b'name="file"') + END),
    upload(422, part(b"", b'name="file"; filename=""') + END),
    upload(422, part(b"icao\n", b'name="elif"; filename="c.csv"') + END),
    upload(422, part(b"icao\n") + part(b"perhaps", b'name="dry_run"') + END),
    upload(422, part(b"\x89PNG\r\n\x1a\n\x00", b'name="file"; filename="c.csv"', b"Content-Type: image/png") + END),
    upload(422, part(b"") + END),
    upload(400, b""),
    upload(400, b"nonsense"),
    upload(400, part(b"icao\n")),
    upload(400, part(b"icao\n")[:-4]),
    upload(400, b"--edge\r\n\r\nicao\r\n" + END),
    upload(400, b"--edge\r\nContent-Disposition: attachment\r\n\r\nicao\r\n" + END),
    upload(400, b"--edge\r\nno colon\r\n\r\nicao\r\n" + END),
    upload(400, part(b"x", b'name="\xff"; filename="\x00"', b"A: " + b"b" * 5000) + END),
    upload(400, part(b"icao\n") + END, (KEY, (b"content-type", b"multipart/form-data"))),
    upload(400, part(b"icao\n") + END, (KEY, (b"content-type", b"multipart/form-data; boundary="))),
    upload(400, part(b"icao\n") + END, (KEY, (b"content-type", b"multipart/form-data; boundary=" + b"e" * 300))),
    upload(400, part(b"icao\n") + END, (KEY, (b"content-type", b"multipart/form-data; boundary=\xff"))),
    upload(415, part(b"icao\n") + END, (KEY, (b"content-type", b"text/csv"))),
    upload(415, part(b"icao\n") + END, (KEY,)),
    upload(413, part(b"x" * (1024 * 1024 + 1)) + END),
    upload(400, b"".join(part(b"x", b'name="f"; filename="f"') for _ in range(101)) + END),
]
WRONG = [*PATHS, *METHODS, *QUERIES, *HEADERS, *BODIES, *FORMS, *UPLOADS]

# Odd, and yet nothing that must be rejected.
ODD = [
    get(200, "/airports?name=%ED%A0%80"),
    get(200, "/airports?name=%zz%"),
    get(200, "/airports?name=%25_'%22%3B--"),
    get(200, "/airports?page=1&page=2"),
    get(200, "/airports?page=100000&page_size=200"),
    get(200, "/airports?south=90&west=180&north=90&east=-180"),
    get(200, "/nearest?latitude=1e-320&longitude=-0.0"),
    get(200, "/airports/%46RA"),
    get(307, "/airports/"),
    get(307, "/airports/FRA/?a=%0D%0AX:1"),
    get(200, "/airports/FRA", (b"cookie", b"=;;; units; a=b=c; \xff=\xfe")),
    get(200, "/airports/FRA/summary", (b"accept-language", b"\xff;q=\xfe,,;;q=1e999,*;q=-1")),
    get(200, "/airports/FRA", (b"host", b"]["), over_socket=False),
    Case(200, "HEAD", "/airports/FRA"),
    Case(200, "HEAD", "/export/airports.jsonl"),
    get(200, "/export/airports", (b"accept", b'\xff;q=\xfe,;,,*/*;q=1e999,text/*;q=0.1,"')),
    Case(204, "OPTIONS", "/airports/FRA"),
]

"""The nine workloads: ASGI requests, each with the response that a contender must send before it is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from benchmarks.contenders import Contender
from benchmarks.models import USERS

Header = tuple[bytes, bytes]
Scope = dict[str, Any]

BROWSER: tuple[Header, ...] = (
    (b"host", b"localhost:8000"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    (b"accept-language", b"en-GB,en;q=0.5"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
)


@dataclass(frozen=True)
class Workload:
    """One request, and its response: a status and either the JSON value or a check of the value.

    `lax` is the lesser check of a raw body for a contender that can do no better (see `Contender.lax`).
    """

    name: str
    method: str
    path: str
    response: Any
    query: bytes = b""
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    status: int = 200
    lax: Callable[[bytes], bool] = bool

    def all_headers(self) -> tuple[Header, ...]:
        if not self.body:
            return BROWSER + self.headers
        return (*BROWSER, *self.headers, (b"content-length", str(len(self.body)).encode()))

    def scope(self) -> Scope:
        """A fresh scope as uvicorn makes it: no string in it was hashed or shared by an earlier request."""
        path = fresh(self.path.encode())
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 50312),
            "scheme": "http",
            "method": self.method,
            "root_path": "",
            "path": path.decode("ascii"),
            "raw_path": path,
            "query_string": fresh(self.query),
            "headers": [(fresh(name), fresh(value)) for name, value in self.all_headers()],
            "state": {},
        }

    def fault(self, status: int, headers: dict[str, str], body: bytes, contender: Contender) -> str | None:
        """Why this response is wrong, or None if it is right."""
        expected = contender.status.get(self.name, self.status)
        if status != expected:
            return f"status {status} instead of {expected}: {body[:200]!r}"
        if self.name in contender.lax:
            return None if self.lax(body) else f"says too little: {body[:200]!r}"
        if "json" not in headers.get("content-type", ""):
            return f"content-type {headers.get('content-type')!r} is not JSON"
        try:
            value = orjson.loads(body)
        except ValueError as error:
            return f"body is not JSON ({error}): {body[:200]!r}"
        right = self.response(value) if callable(self.response) else value == self.response
        return None if right else f"wrong response {body[:200]!r}"


def fresh(value: bytes) -> bytes:
    """An equal new object: its hash is not computed yet, like that of bytes from a socket."""
    return bytes(bytearray(value))


def names_both_faults(value: Any) -> bool:
    """An error must name both invalid values."""
    text = orjson.dumps(value)
    return b"item_id" in text and b"limit" in text


def names_a_fault(body: bytes) -> bool:
    return b"item_id" in body


ALL_USERS = [user.model_dump() for user in USERS]

JSON: Header = (b"content-type", b"application/json")
FORM: Header = (b"content-type", b"application/x-www-form-urlencoded")

WORKLOADS = (
    Workload("hello", "GET", "/hello", {"message": "Hello, world"}),
    Workload(
        "item",
        "GET",
        "/items/42",
        {"item_id": 42, "q": "foo", "limit": 20},
        query=b"q=foo&limit=20",
    ),
    Workload(
        "ctx",
        "GET",
        "/ctx",
        {
            "tenant": "acme",
            "session": "a1b2c3d4",
            "trace": None,
            "page": 2,
            "size": 50,
            "sort": "name",
            "active": True,
        },
        query=b"page=2&size=50&sort=name&active=true",
        headers=((b"x-tenant", b"acme"), (b"cookie", b"theme=dark; session=a1b2c3d4; lang=en")),
    ),
    Workload(
        "deps",
        "GET",
        "/deps",
        {"user": "ann@eu", "quota": 200},
        headers=((b"x-token", b"ann"),),
    ),
    Workload("create", "POST", "/users", ALL_USERS[0], headers=(JSON,), body=orjson.dumps(ALL_USERS[0])),
    Workload(
        "form",
        "POST",
        "/login",
        {"username": "ann", "remember": True},
        headers=(FORM,),
        body=b"username=ann&password=correct+horse%21&remember=true",
    ),
    Workload("many", "GET", "/users", ALL_USERS),
    Workload("bulk", "POST", "/users/bulk", {"count": 100}, headers=(JSON,), body=orjson.dumps(ALL_USERS)),
    Workload(
        "422",
        "GET",
        "/items/forty",
        names_both_faults,
        query=b"q=foo&limit=1000",
        status=422,
        lax=names_a_fault,
    ),
)

BY_NAME = {workload.name: workload for workload in WORKLOADS}

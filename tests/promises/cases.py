"""Requests to the application of promises, with any bytes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.asgi import Exchange, body_of, exchange, scope_of

Pairs = Sequence[tuple[bytes, bytes]]
JSON = (b"content-type", b"application/json")
URLENCODED = (b"content-type", b"application/x-www-form-urlencoded")
MULTIPART = (b"content-type", b"multipart/form-data; boundary=x")
# A part of invalid values, which must not be in a response.
SECRET = "c4n4ry"


@dataclass(frozen=True)
class Case:
    """A request, and the status that it should get; 0: any that is no fault of ours."""

    name: str
    status: int
    method: str
    path: str
    query: bytes = b""
    headers: Pairs = ()
    body: bytes | Sequence[bytes] = b""
    scope: dict[str, Any] = field(default_factory=dict)


async def fetch(app: Any, case: Case) -> Exchange:
    """Send the request. Raises what the application raises."""
    chunks = [case.body] if isinstance(case.body, bytes) else case.body
    raw = case.path.encode("utf-8", "surrogatepass")
    scope = scope_of(case.path, case.method, headers=case.headers, raw_path=raw, query_string=case.query, **case.scope)
    return (await exchange(app, scope, *body_of(*chunks))).or_raise()

"""Sends a case to the application in process, as a server would hand it over."""

from typing import Any
from urllib.parse import unquote

from examples.airports import app
from examples.airports.store import Store
from tests.examples.airports.corpus import Case

Answer = tuple[int, dict[str, str], bytes]


async def answer_of(case: Case, store: Store) -> Answer:
    """Status, headers and body."""
    path, _, query = case.target.partition("?")
    headers = [*case.headers, (b"content-length", b"%d" % len(case.body))] if case.body else [*case.headers]
    if b"host" not in dict(headers):
        headers.append((b"host", b"localhost"))
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1",
        "method": case.method, "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(),
        "root_path": "", "scheme": "http", "headers": headers, "client": ("127.0.0.1", 1), "server": ("localhost", 80),
        "state": {"store": store},
    }  # fmt: skip
    # In two pieces, as bodies come in pieces of anybody's choosing.
    half = len(case.body) // 2
    waiting = [(case.body[:half], True), (case.body[half:], False)]
    sent: list[Any] = []

    async def receive() -> Any:
        if not waiting:
            return {"type": "http.disconnect"}
        body, more_body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": more_body}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    head = {name.decode("latin-1"): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return sent[0]["status"], head, b"".join(message.get("body", b"") for message in sent[1:])

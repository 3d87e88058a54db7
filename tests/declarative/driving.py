"""A request to an application, message by message: what was sent, and how often the body was asked for."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import anyio

from signette.app import App

JSON = {"content-type": "application/json"}
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
MULTIPART = {"content-type": "multipart/form-data; boundary=cut"}


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    receives: int = 0
    """How often the application asked for a message."""

    def __getitem__(self, name: str) -> str | None:
        return next((value for each, value in self.headers if each == name), None)

    def all(self, name: str) -> list[str]:
        return [value for each, value in self.headers if each == name]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def errors(self) -> list[tuple[str, ...]]:
        """(in, name or pointer, code) of each entry of a 422."""
        return [(each["in"], each.get("name", each.get("pointer")), each["code"]) for each in self.json["errors"]]


async def ask(
    app: Any,
    request: str,
    body: bytes = b"",
    headers: dict[str, str] | Iterable[tuple[str, str]] = (),
    on: Callable[[str], None] = lambda event: None,
) -> Answer:
    """The answer to `"GET /path?query"`. `on` hears `sent` when the last message of the answer goes out."""
    method, _, target = request.partition(" ")
    path, _, query = target.partition("?")
    answer = Answer()

    async def receive() -> dict[str, Any]:
        answer.receives += 1
        if answer.receives > 1:
            await anyio.sleep_forever()  # the client stays, and has nothing more to say
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = [(name.decode(), value.decode("latin-1")) for name, value in message["headers"]]
            return
        answer.body += message.get("body", b"")
        if not message.get("more_body", False):
            on("sent")

    pairs = headers.items() if isinstance(headers, dict) else headers
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs],
        "server": ("testserver", 80),
        "client": ("client", 1),
    }
    await app(scope, receive, send)
    return answer


def app_of(endpoint: Callable[..., Any], path: str = "/", method: str = "GET", **options: Any) -> App:
    """An application with one endpoint."""
    app = App()
    app.add_api_route(path, endpoint, [method], **options)
    return app


def part(name: str, content: str, file_name: str | None = None) -> str:
    """One part of a form; with a file name, a file."""
    file = f'; filename="{file_name}"' if file_name is not None else ""
    return f'--cut\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{content}\r\n'


def form(*parts: str) -> bytes:
    """A multipart body of these parts."""
    return "".join((*parts, "--cut--\r\n")).encode()

"""The clients of the long run (`benchmarks.soak`): what each of them does, and how often."""

import asyncio
import hashlib
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import httpx2
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

TIMEOUT_SECONDS = 30.0
FILES = [random.Random(size).randbytes(size) for size in (2_000, 200_000, 1_500_000)]
DIGESTS = [hashlib.sha256(content).hexdigest() for content in FILES]


class Unexpected(Exception):
    """A response that is not the right one."""


@dataclass
class Clients:
    """Some clients that act at a bounded rate, and what they have seen."""

    port: int
    rate: float
    at_once: int
    choose: random.Random = field(default_factory=lambda: random.Random(15))
    done: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    last_fault: dict[str, str] = field(default_factory=dict)
    http: httpx2.AsyncClient = field(init=False)

    async def act(self, seconds: float) -> None:
        """Act for this long, then close all connections."""
        base = f"http://127.0.0.1:{self.port}"
        limits = httpx2.Limits(max_connections=self.at_once * 2, max_keepalive_connections=self.at_once)
        start = monotonic()
        begun = 0

        async def one_client() -> None:
            nonlocal begun
            while (now := monotonic() - start) < seconds:
                due = begun / self.rate
                begun += 1
                if due > now:
                    await asyncio.sleep(min(due, seconds) - now)
                await self._act_once()

        async with httpx2.AsyncClient(base_url=base, timeout=TIMEOUT_SECONDS, limits=limits, trust_env=False) as http:
            self.http = http
            async with asyncio.TaskGroup() as group:
                for _ in range(self.at_once):
                    group.create_task(one_client())

    async def burst(self) -> None:
        """As many `def` endpoints at once as there are clients: the server starts its worker threads."""
        base = f"http://127.0.0.1:{self.port}"
        async with httpx2.AsyncClient(base_url=base, timeout=TIMEOUT_SECONDS, trust_env=False) as http:
            await asyncio.gather(*(http.get("/slow-report") for _ in range(2 * self.at_once)))

    async def _act_once(self) -> None:
        action = self.choose.choice(CHOICES)
        name = action.__name__
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await action(self)
        except Exception as error:  # noqa: BLE001 - counted and reported at the end
            self.failed[name] += 1
            self.last_fault[name] = f"{type(error).__name__}: {error}"
        self.done[name] += 1


def expect(response: httpx2.Response, status: int) -> Any:
    """The JSON of the response, if its status is this."""
    if response.status_code != status:
        raise Unexpected(f"status {response.status_code} instead of {status}: {response.text[:200]}")
    return response.json() if "json" in response.headers.get("content-type", "") else None


def same(found: object, expected: object) -> None:
    if found != expected:
        raise Unexpected(f"{found!r} instead of {expected!r}")


# -- what one client does ----------------------------------------------------------------------------------------------


async def read(clients: Clients) -> None:
    number = clients.choose.randrange(10**9)
    value = expect(await clients.http.get(f"/items/{number}", params={"q": "tea", "limit": 5}), 200)
    same(value["item_id"], number)


async def create(clients: Clients) -> None:
    user = {"name": "Ann", "age": 30, "tags": ["a", "b"]}
    same(expect(await clients.http.post("/users", json=user), 201), user)


async def invalid(clients: Clients) -> None:
    value = expect(await clients.http.get("/items/forty", params={"limit": 1000}), 422)
    same(len(value["errors"]), 2)
    expect(await clients.http.post("/users", json={"name": "", "age": 200}), 422)


async def broken_json(clients: Clients) -> None:
    headers = {"content-type": "application/json"}
    expect(await clients.http.post("/users", content=b'{"name": ', headers=headers), 400)


async def form(clients: Clients) -> None:
    fields = {"username": "ann", "password": "correct horse", "remember": "true"}
    same(expect(await clients.http.post("/login", data=fields), 200), {"username": "ann"})


async def upload(clients: Clients) -> None:
    which = clients.choose.randrange(len(FILES))
    files = {"file": ("data.bin", FILES[which], "application/octet-stream")}
    value = expect(await clients.http.post("/files", data={"title": "data"}, files=files), 200)
    same(value["sha256"], DIGESTS[which])


async def upload_to_file(clients: Clients) -> None:
    files = {"file": ("data.bin", FILES[1], "application/octet-stream")}
    same(expect(await clients.http.post("/stored", files=files), 200), {"size": len(FILES[1])})


async def send_stream(clients: Clients) -> None:
    async def lines() -> AsyncIterator[bytes]:
        for number in range(10):
            yield b"".join(b'{"station":"st-%d","value":%d}\n' % (number, each) for each in range(20))

    headers = {"content-type": "application/jsonl"}
    value = expect(await clients.http.post("/readings", content=lines(), headers=headers), 200)
    same(value["count"], 200)


async def receive_stream(clients: Clients) -> None:
    count = 0
    async with clients.http.stream("GET", "/readings") as response:
        async for line in response.aiter_lines():
            count += bool(json.loads(line))
    same(count, 200)


async def events(clients: Clients) -> None:
    seen = 0
    async with clients.http.stream("GET", "/events") as response:
        async for line in response.aiter_lines():
            seen += line.startswith("data:")
            if seen == 5:
                break  # the connection is closed, in the middle of the response


async def websocket(clients: Clients) -> None:
    async with connect(f"ws://127.0.0.1:{clients.port}/chat", proxy=None) as socket:
        for number in range(5):
            await socket.send(json.dumps({"text": "hello"}))
            same(json.loads(await socket.recv()), {"text": "hello", "number": number})


async def websocket_cut(clients: Clients) -> None:
    socket = await connect(f"ws://127.0.0.1:{clients.port}/chat", proxy=None)
    await socket.send(json.dumps({"text": "hello"}))
    await socket.recv()
    socket.transport.abort()


async def websocket_invalid(clients: Clients) -> None:
    async with connect(f"ws://127.0.0.1:{clients.port}/chat", proxy=None) as socket:
        await socket.send(json.dumps({"words": 1}))
        try:
            await socket.recv()
        except ConnectionClosedError as closed:
            same(closed.rcvd and closed.rcvd.code, 1007)
        else:
            raise Unexpected("an invalid message was accepted")


async def sync(clients: Clients) -> None:
    same(expect(await clients.http.get("/report"), 200), {"open": True})


async def background(clients: Clients) -> None:
    expect(await clients.http.post("/notes"), 202)


async def gzip(clients: Clients) -> None:
    response = await clients.http.get("/page", headers={"accept-encoding": "gzip"})
    expect(response, 200)
    same(response.headers.get("content-encoding"), "gzip")


async def session(clients: Clients) -> None:
    first = await clients.http.get("/visits", headers={"cookie": ""})
    cookie = first.headers["set-cookie"].split(";")[0]
    same(expect(await clients.http.get("/visits", headers={"cookie": cookie}), 200), {"visits": 2})


async def no_route(clients: Clients) -> None:
    expect(await clients.http.get(f"/nowhere/{clients.choose.randrange(10**9)}"), 404)
    expect(await clients.http.delete("/items/1"), 405)


async def fault(clients: Clients) -> None:
    expect(await clients.http.get("/fault"), 500)


async def too_large(clients: Clients) -> None:
    """A declared length over the limit: the response comes before the body."""
    head = b"POST /users HTTP/1.1\r\nhost: soak\r\ncontent-type: application/json\r\ncontent-length: 9000000\r\n\r\n"
    same((await talk(clients.port, head + b"x" * 1000))[9:12], b"413")


async def too_large_in_chunks(clients: Clients) -> None:
    """A body without a length that goes over the limit while it is read."""
    head = b"POST /files HTTP/1.1\r\nhost: soak\r\ncontent-type: multipart/form-data; boundary=b\r\n"
    part = b'--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n'
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    chunks = b"%x\r\n%b\r\n" % (len(part), part) + chunk * 65
    same((await talk(clients.port, head + b"transfer-encoding: chunked\r\n\r\n" + chunks))[9:12], b"413")


async def upload_cut(clients: Clients) -> None:
    """A client that leaves in the middle of its upload, when some of it is on disk."""
    length = 3_000_000
    head = (
        b"POST /files HTTP/1.1\r\nhost: soak\r\ncontent-type: multipart/form-data; boundary=b\r\n"
        b"content-length: %d\r\n\r\n" % length
    )
    part = b'--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n'
    await talk(clients.port, head + part + b"x" * (length // 2), wait=False)


async def body_cut(clients: Clients) -> None:
    head = b"POST /readings HTTP/1.1\r\nhost: soak\r\ncontent-type: application/jsonl\r\ncontent-length: 100000\r\n\r\n"
    await talk(clients.port, head + b'{"station":"a","value":1}\n' * 10 + b'{"stat', wait=False)


async def response_cut(clients: Clients) -> None:
    """A client that reads the first bytes of a long response, and resets the connection."""
    head = b"GET /readings?count=10000 HTTP/1.1\r\nhost: soak\r\n\r\n"
    same((await talk(clients.port, head))[9:12], b"200")


async def talk(port: int, sent: bytes, *, wait: bool = True) -> bytes:
    """Send these bytes, read the first piece of the response if `wait`, and reset the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        if wait:
            return await reader.read(4096)
        await writer.drain()
        return b""
    finally:
        writer.transport.abort()


Action = Callable[[Clients], Awaitable[None]]

# How often each is chosen, relative to the others: plain requests most of the time, large bodies seldom.
WEIGHTS: dict[Action, int] = {
    read: 12, create: 8, invalid: 4, broken_json: 2, form: 4, upload: 1, upload_to_file: 1, send_stream: 2,
    receive_stream: 2, events: 2, websocket: 2, websocket_cut: 1, websocket_invalid: 1, sync: 6, background: 4,
    gzip: 4, session: 3, no_route: 3, fault: 1, too_large: 1, too_large_in_chunks: 1, upload_cut: 1, body_cut: 1,
    response_cut: 1,
}  # fmt: skip
CHOICES = [action for action, weight in WEIGHTS.items() for _ in range(weight)]

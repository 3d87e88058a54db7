"""Members who offer, buy and watch, and try again until each request has succeeded."""

import json
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx2

Headers = dict[str, str]
_PAUSE = 0.1  # seconds before a request is sent again, where the response has no `Retry-After`
_MOST = 1.0
RETRIED = frozenset({409, 425, 429, 500, 502, 503, 504})
"""Statuses after which a request is sent again, with the same key: the first may still run, or a process was lost."""


@dataclass
class Log:
    """What the clients have sent and received."""

    sent: Counter[str] = field(default_factory=Counter)
    succeeded: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    """Requests that were sent again, by what was received for them."""
    offers: dict[str, int] = field(default_factory=dict)
    """The offers by title: the response has arrived, so they must not be lost."""
    sales: set[int] = field(default_factory=set)
    bookmarks: set[int] = field(default_factory=set)
    """Those that were confirmed; `found_bookmarks` are those of the sessions at the end."""
    found_bookmarks: list[int] = field(default_factory=list)
    notices: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Deliveries to one watcher, by kind and offer."""


class Client:
    """One member, and the connection."""

    def __init__(self, http: httpx2.AsyncClient, log: Log) -> None:
        self._http = http
        self._log = log
        self._headers: Headers = {}

    async def sign_up(self, name: str) -> None:
        """Become a member and log in."""
        secret = f"the password of {name}"
        # Without a member there is no idempotency key: if the first response was lost, the name is taken.
        await self.send("sign-up", "POST", "/members", done=(201, 409), json={"name": name, "password": secret})
        form = {"username": name, "password": secret, "scope": "buy sell"}
        token = await self.send("login", "POST", "/token", data=form)
        self._headers["Authorization"] = f"Bearer {token['access_token']}"

    async def offer(self, title: str) -> int:
        made = await self.send("offer", "POST", "/offers", key=title, json={"title": title, "price": "1.50"})
        self._log.offers[title] = made["id"]
        return int(made["id"])

    async def buy(self, offer: int) -> None:
        await self.send("sale", "POST", f"/offers/{offer}/buy", key=f"buy-{offer}")
        self._log.sales.add(offer)

    async def read_list(self) -> None:
        await self.send("list", "GET", "/offers")

    async def bookmark(self, offer: int) -> None:
        await self.send("bookmark", "PUT", f"/bookmarks/{offer}")
        self._log.bookmarks.add(offer)

    async def read_bookmarks(self) -> None:
        """Read all bookmarks at the end."""
        self._log.found_bookmarks += await self.send("bookmarks", "GET", "/bookmarks")

    async def send(
        self,
        what: str,
        method: str,
        path: str,
        *,
        key: str | None = None,
        done: Container[int] = range(200, 300),
        **request: Any,
    ) -> Any:
        """Send a request until it is done, always with the same idempotency key. Returns its JSON.

        Raises:
            RuntimeError: a response shows that the request itself is wrong.
        """
        headers = self._headers | ({"Idempotency-Key": f'"{key}"'} if key else {})
        self._log.sent[what] += 1
        while True:
            pause = _PAUSE
            try:
                response = await self._http.request(method, path, headers=headers, **request)
            except httpx2.TransportError as error:
                self._log.repeated[type(error).__name__] += 1
            else:
                if response.status_code in done:
                    self._log.succeeded[what] += 1
                    return response.json() if response.content else None
                if response.status_code not in RETRIED:
                    raise RuntimeError(f"{method} {path}: {response.status_code} {response.text}")
                self._log.repeated[str(response.status_code)] += 1
                pause = min(float(response.headers.get("Retry-After", _PAUSE)), _MOST)
            await anyio.sleep(pause)

    async def watch(self, started: anyio.Event) -> None:
        """Receive the notices, and connect again after the last one when the connection is lost."""
        last: Headers = {}
        while True:
            try:
                async with self._http.stream("GET", "/notices", headers=self._headers | last) as response:
                    if response.is_success:
                        started.set()
                        await self._receive(response, last)
            except httpx2.TransportError as error:
                self._log.repeated[f"stream: {type(error).__name__}"] += 1
            await anyio.sleep(_PAUSE)

    async def _receive(self, response: httpx2.Response, last: Headers) -> None:
        event: dict[str, str] = {}
        async for line in response.aiter_lines():
            name, _, value = line.partition(":")
            if line:
                event[name] = value.removeprefix(" ")
            elif "data" in event and event.get("event", "message") not in ("missed", "draining", "error"):
                if "id" in event:
                    last["Last-Event-ID"] = event["id"]
                notice = json.loads(event["data"])
                self._log.notices[notice["kind"], notice["offer"]] += 1
                event = {}
            else:
                event = {}

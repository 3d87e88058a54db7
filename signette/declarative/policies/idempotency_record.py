"""What a store holds for one idempotency key, and who may change it.

Theory of operation. A key has no record, a record of a running request, or one of a completed request:

    (none) ── claim ──> running ── complete ──> completed ── ttl ──> (none)
      ^                    │
      └── release, lease ──┘

`claim` is a set-if-absent, so one request of all processes runs. A running record has the token of its request, and
each further change is a compare-and-set with it. Its lease is short and renewed while the request runs: after a crash
the record expires, and the next request with the key runs. A request that has lost its lease (its process was paused
for longer) can neither complete nor release what another request has claimed since.
"""

import secrets
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.policies.body_digest import BodyDigest
from signette.declarative.policies.stored_response import StoredResponse, pack, unpack
from signette.state.store import Store

# Between `add` and `get` a record may expire; twice in a row it does not, unless the store loses what it is given.
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Running:
    """Another request with the key has not completed yet."""

    head: str
    """The digest of its method, host, path and query."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A request with the key has completed."""

    head: str
    body: BodyDigest
    status: int
    response: StoredResponse | None
    """None: the response was too large to be stored."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run the request of a key."""

    store: Store
    key: str
    head: str
    token: bytes
    seconds: float

    async def renew(self) -> bool:
        """Extend the lease. False: it was lost."""
        return await self.store.replace(self.key, self.token, self.token, ttl=self.seconds)

    async def release(self) -> bool:
        """Remove the record, so that the next request with the key runs."""
        return await self.store.delete(self.key, expected=self.token)

    async def complete(self, body: BodyDigest, status: int, response: StoredResponse | None, *, ttl: float) -> bool:
        """Store the response for repetitions of the request. False: the lease was lost, and nothing is stored."""
        facts: dict[str, Any] = {"head": self.head, "body": body.to_json(), "completed": status}
        return await self.store.replace(self.key, self.token, pack(facts, response), ttl=ttl)


async def claim(store: Store, key: str, head: str, *, lease: float) -> Lease | Running | Completed:
    """Claim a key for a request, or find what another request has made of it.

    Raises StateUnavailable.
    """
    token = pack({"head": head, "running": secrets.token_hex(12)})
    for _ in range(_ATTEMPTS):
        if await store.add(key, token, ttl=lease):
            return Lease(store, key, head, token, lease)
        if (data := await store.get(key)) is not None:
            return read_record(data)
    return Running(head)


def read_record(data: bytes) -> Running | Completed:
    """The record of these bytes. What cannot be read is a running request: to run it again could repeat its effects."""
    unpacked = unpack(data)
    if unpacked is None:
        return Running("")
    facts, response = unpacked
    try:
        if "completed" not in facts:
            return Running(facts["head"])
        return Completed(facts["head"], BodyDigest(*facts["body"]), facts["completed"], response)
    except (KeyError, TypeError):
        return Running("")

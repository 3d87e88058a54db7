"""The digest of a request body: made while the endpoint reads it, compared while the body of a repetition arrives."""

from hashlib import blake2b
from typing import Any

from signette._dataclasses import dataclass
from signette.exceptions import ClientDisconnect
from signette.types import Message, Receive

_BYTES = 16


def digest_of(*parts: bytes) -> str:
    """A digest of several texts. The length of each is part of it, so `ab`, `c` and `a`, `bc` differ."""
    hashed = blake2b(digest_size=_BYTES)
    for part in parts:
        hashed.update(b"%d:" % len(part))
        hashed.update(part)
    return hashed.hexdigest()


@dataclass(frozen=True, slots=True)
class BodyDigest:
    """The bytes of a body that an endpoint has read: their number, their digest, and whether the body ended there.

    An endpoint may respond without the rest of a body, which then does not matter for a repetition.
    """

    length: int
    digest: str
    ended: bool

    def to_json(self) -> list[Any]:
        return [self.length, self.digest, self.ended]


class HashedReceive:
    """A `receive` that hashes the body as it arrives, and keeps none of it."""

    __slots__ = ("_ended", "_hash", "_length", "_receive")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._hash = blake2b(digest_size=_BYTES)
        self._length = 0
        self._ended = False

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            chunk = message.get("body", b"")
            self._hash.update(chunk)
            self._length += len(chunk)
            self._ended = not message.get("more_body", False)
        return message

    @property
    def digest(self) -> BodyDigest:
        """The digest of what has arrived so far."""
        return BodyDigest(self._length, self._hash.hexdigest(), self._ended)


async def has_digest(receive: Receive, known: BodyDigest) -> bool:
    """Whether the body of a request has this digest. Reads no more of it than is needed, and keeps none of it.

    A `HashedReceive` may have been read before, as by a dependency. Raises ClientDisconnect.
    """
    arrived = receive if isinstance(receive, HashedReceive) else HashedReceive(receive)
    hashed = arrived._hash.copy()
    left = known.length - arrived._length
    if left < 0:
        return False
    more = not arrived._ended
    while more and (left or known.ended):
        message = await arrived._receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        if known.ended and len(chunk) > left:
            return False
        hashed.update(memoryview(chunk)[:left])
        left -= min(left, len(chunk))
        more = message.get("more_body", False)
    return left == 0 and hashed.hexdigest() == known.digest

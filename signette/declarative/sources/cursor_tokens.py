"""Signed cursors: a key and what the cursor belongs to, with an HMAC, as URL-safe text.

A token is the base64url text, without padding, of

    version (1 byte) | signature (16) | digest of the operation (8) | digest of the parameters (8) | key

The signature is an HMAC-SHA256 (RFC 2104) of all other bytes, cut to 128 bits (RFC 2104 section 5). A token has nothing
of the process or the host that has signed it. The key can be read by anyone: it is signed, and not encrypted.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

_VERSION = b"\x01"
_SIGNATURE = 16
_DIGEST = 8
_START = 1 + _SIGNATURE
_KEY = _START + 2 * _DIGEST
# Names the purpose of the signature, so that a secret that signs something else as well makes other signatures.
_PURPOSE = b"signette cursor"

MIN_SECRET_BYTES = 16


class Bearing(NamedTuple):
    """What a cursor belongs to."""

    operation: bytes
    parameters: bytes


class Opened(NamedTuple):
    """The content of a cursor with a valid signature."""

    bearing: Bearing
    key: bytes


def digest_of(parts: Iterable[str]) -> bytes:
    """A digest of texts, each with its length, so that other texts have another digest."""
    found = sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        found.update(b"%d:" % len(encoded))
        found.update(encoded)
    return found.digest()[:_DIGEST]


def sign(bearing: Bearing, key: bytes, secrets: Sequence[bytes]) -> str:
    """The cursor of a key, signed with the first secret."""
    content = bearing.operation + bearing.parameters + key
    return _text(_VERSION + _signature(content, secrets[0]) + content)


def open_token(token: str, secrets: Sequence[bytes]) -> Opened | None:
    """The content of a cursor that was signed with one of the secrets; None for any other text."""
    try:
        found = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError:
        return None
    # One content has one text: a decoder ignores other characters, and bits after the last byte.
    if found[:1] != _VERSION or len(found) <= _KEY or _text(found) != token:
        return None
    signature, content = found[1:_START], found[_START:]
    if not any(hmac.compare_digest(signature, _signature(content, secret)) for secret in secrets):
        return None
    return Opened(Bearing(content[:_DIGEST], content[_DIGEST : 2 * _DIGEST]), content[2 * _DIGEST :])


def _signature(content: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, _PURPOSE + _VERSION + content, "sha256")[:_SIGNATURE]


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()

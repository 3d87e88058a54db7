"""Who is in the club."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass


@dataclass(frozen=True)
class Member:
    """A member, with the hash of a password."""

    name: str
    salt: bytes
    hashed: bytes
    scopes: tuple[str, ...] = ()


class Members:
    """All members by name. A small one: they are forgotten when the application ends."""

    def __init__(self) -> None:
        self.by_name: dict[str, Member] = {}

    def join(self, name: str, password: str, scopes: tuple[str, ...] = ()) -> None:
        """Takes a moment: passwords are hashed slowly. Raises ValueError where the name is taken."""
        if name in self.by_name:
            raise ValueError(name)
        salt = secrets.token_bytes(16)
        self.by_name[name] = Member(name, salt, hash_of(password, salt), scopes)

    def check(self, name: str, password: str) -> bool:
        """Takes a moment, for an unknown name as well."""
        member = self.by_name.get(name)
        salt = member.salt if member else b"nobody"
        return hmac.compare_digest(hash_of(password, salt), member.hashed if member else b"")


def hash_of(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**12, r=8, p=1)

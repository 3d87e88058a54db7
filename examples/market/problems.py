"""What can go wrong, as types: each stands in the return type of what can end in it, and so in the document."""

from signette import Problem


class LoginRefused(Problem, status=400, detail="Name or password are not right"):
    """Not 401: RFC 6749 §5.2."""

    error: str = "invalid_grant"


class TokenNotGood(Problem, status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}):
    """The token is not ours, or too old (RFC 6750 §3.1)."""


class ScopeMissing(Problem, status=403, headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'}):
    """The token does not allow this (RFC 6750 §3.1)."""

    needed: list[str]


class NotYours(Problem, status=403):
    """Only who offered it may do this."""


class NoSuchOffer(Problem, status=404, detail="There is no offer {offer}"):
    """It was never there, or was withdrawn."""

    offer: int


class NoSuchPicture(Problem, status=404):
    """The offer has no such picture."""


class NameTaken(Problem, status=409):
    """Somebody is called so already."""


class AlreadySold(Problem, status=409):
    """Somebody was faster."""


class OwnOffer(Problem, status=409):
    """Nobody buys what is theirs."""


class TooManyPictures(Problem, status=409, detail="An offer has {most} pictures at most"):
    """Take one away first."""

    most: int

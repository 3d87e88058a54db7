"""The problems of the API. Each is in the return types of its endpoints, and so in the OpenAPI document."""

from signette import Problem


class LoginFailed(Problem, status=400, detail="Name or password are not right"):
    """Not 401: RFC 6749 §5.2."""

    error: str = "invalid_grant"


class InvalidToken(Problem, status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}):
    """The token is invalid or has expired (RFC 6750 §3.1)."""


class MissingScope(Problem, status=403, headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'}):
    """The token does not allow this (RFC 6750 §3.1)."""

    needed: list[str]


class NotYours(Problem, status=403):
    """Only the seller can do this."""


class NoSuchOffer(Problem, status=404, detail="There is no offer {offer}"):
    """The offer does not exist, or was withdrawn."""

    offer: int


class NoSuchPicture(Problem, status=404):
    """The offer has no such picture."""


class NameTaken(Problem, status=409):
    """Another member has this name."""


class AlreadySold(Problem, status=409):
    """Another member has bought it."""


class OwnOffer(Problem, status=409):
    """Members cannot buy their own offers."""


class TooManyPictures(Problem, status=409, detail="An offer has {most} pictures at most"):
    """Delete a picture first."""

    most: int

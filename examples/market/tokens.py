"""Signed tokens with the name and the scopes of a member."""

from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import BaseModel, ValidationError

from examples.market.problems import InvalidToken

SECONDS = 3600


class Claims(BaseModel):
    name: str
    scopes: list[str]


class Tokens:
    """Signs and reads tokens with one key."""

    def __init__(self, key: str) -> None:
        self._signer = URLSafeTimedSerializer(key, salt="market token")

    def sign(self, claims: Claims) -> str:
        return str(self._signer.dumps(claims.model_dump()))

    def read(self, token: str) -> Claims:
        """Raises InvalidToken."""
        try:
            return Claims.model_validate(self._signer.loads(token, max_age=SECONDS))
        except (BadData, ValidationError):
            raise InvalidToken from None

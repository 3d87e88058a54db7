"""The models of requests and responses."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, Field, SecretStr, StringConstraints

T = TypeVar("T")

MOST = 2**63 - 1  # the type of numbers in SQLite
Number = Annotated[int, Field(ge=1, le=MOST)]

Name = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9-]{1,19}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


def whole_cents(price: Decimal) -> Decimal:
    """Two digits after the point, also if fewer were sent."""
    return price.quantize(Decimal("0.01"))


Price = Annotated[
    Decimal, Field(gt=0, le=100_000, decimal_places=2, examples=["9.50", "20.00"]), AfterValidator(whole_cents)
]


class SignUp(BaseModel):
    name: Name
    password: Annotated[SecretStr, Field(min_length=8, max_length=200)]


class Member(BaseModel):
    name: str


class Token(BaseModel):
    """A token response (RFC 6749 §5.1)."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int
    scope: str


class NewOffer(BaseModel):
    title: Text
    price: Price
    text: Annotated[str, Field(max_length=2000)] = ""


class Offer(NewOffer):
    id: int
    seller: str
    buyer: str | None = None
    offered: datetime
    pictures: list[int] = []


class Page(BaseModel, Generic[T]):
    """A page of a list. `next` is the value of `after=` for the next page; None at the end."""

    items: list[T]
    next: int | None


class Look(BaseModel):
    """What a watcher sends: the offer to look at."""

    look: int


class Watching(BaseModel):
    """The first message to a watcher."""

    watching: str


class Gone(BaseModel):
    """There is no such offer."""

    gone: int


class Notice(BaseModel):
    """A notice for connected clients."""

    kind: Literal["offered", "sold", "withdrawn"]
    offer: int
    title: str

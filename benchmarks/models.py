"""The models and data which all contenders share, so that only their own work differs."""

from typing import Annotated

from pydantic import BaseModel, Field


class Address(BaseModel):
    street: Annotated[str, Field(min_length=1, max_length=100)]
    city: Annotated[str, Field(min_length=1, max_length=60)]
    zip: Annotated[str, Field(min_length=3, max_length=10)]


class User(BaseModel):
    id: Annotated[int, Field(ge=1)]
    name: Annotated[str, Field(min_length=1, max_length=50)]
    email: Annotated[str, Field(min_length=3, max_length=254)]
    age: Annotated[int, Field(ge=0, le=150)]
    tags: Annotated[list[str], Field(max_length=20)]
    address: Address


class Login(BaseModel):
    username: Annotated[str, Field(min_length=1, max_length=50)]
    password: Annotated[str, Field(min_length=8, max_length=100)]
    remember: bool = False


def make_user(number: int) -> User:
    """The same user for the same number, in every run."""
    return User(
        id=number,
        name=f"Person {number}",
        email=f"person{number}@example.org",
        age=18 + number % 60,
        tags=["reader", f"group-{number % 7}"],
        address=Address(street=f"{number} Main Street", city="Springfield", zip=f"{10000 + number}"),
    )


# The result of `many`. The list is built once; each contender writes it as JSON at each request.
USERS = [make_user(number) for number in range(1, 101)]

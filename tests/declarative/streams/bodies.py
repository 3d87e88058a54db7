"""What the tests of request streams share: readings, and bodies that arrive in chunks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from signette import Items
from signette.declarative.adapters.error_entries import body_errors
from signette.declarative.streams.formats import FORMATS, StreamFormat
from signette.declarative.streams.spec import StreamSpec
from signette.exceptions import HTTPException, RequestValidationError


class Reading(BaseModel):
    """A flat item, which a row of CSV can be."""

    station: str
    value: float = 0
    note: str | None = None


class Tree(BaseModel):
    """An item with others in it."""

    name: str
    parts: "list[Tree]" = []
    labels: dict[str, list[int]] = {}


@dataclass
class Outcome:
    """What came of a body."""

    values: list[Any] = field(default_factory=list)
    errors: list[Any] = field(default_factory=list)
    skipped: int = 0
    status: int = 200
    detail: Any = None


def outcome_of(
    found: StreamFormat, item: Any, chunks: Iterable[bytes], items: Items | None = None, max_values: int | None = None
) -> Outcome:
    """What comes of a body in these chunks. The errors of a client are part of it; others are raised."""
    spec = StreamSpec(item, FORMATS, tuple(each.media_type for each in FORMATS), items or Items())
    received = spec.receiver()(found, max_values, body_errors, {})
    outcome = Outcome()
    try:
        for chunk in chunks:
            received.feed(chunk)
            while values := received.take():
                outcome.values += values
        received.end()
        while values := received.take():
            outcome.values += values
    except RequestValidationError as exc:
        outcome.status, outcome.errors = 422, exc.errors()
    except HTTPException as exc:
        outcome.status, outcome.detail = exc.status_code, exc.detail
    if outcome.status != 422:
        outcome.errors = list(received.errors)
    outcome.skipped = received.invalid_count
    assert received.valid_count == len(outcome.values)
    return outcome


def cut(body: bytes, places: Sequence[int]) -> list[bytes]:
    """The body in chunks that end at these places."""
    ends = [0, *sorted({place % (len(body) + 1) for place in places} - {0}), len(body)]
    return [body[start:end] for start, end in pairwise(ends) if end > start]


PLACES = st.lists(st.integers(0, 10_000), max_size=8)

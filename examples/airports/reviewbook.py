"""The reviews in the database."""

import sqlite3
from datetime import UTC, datetime
from uuid import UUID, uuid4

from examples.airports.models import Review, ReviewForm

ReviewKey = tuple[datetime, UUID]


class ReviewBook:
    """The reviews, on a connection that the caller opens and closes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def write(self, icao: str, form: ReviewForm) -> Review:
        """Insert a review of an existing airport."""
        review = Review(id=uuid4(), icao=icao, written=datetime.now(UTC), **form.model_dump())
        kept = review.model_dump(mode="json")
        self.connection.execute(
            "INSERT INTO reviews (id, icao, author, rating, text, visited, written) "
            "VALUES (:id, :icao, :author, :rating, :text, :visited, :written)",
            kept,
        )
        return review

    def find(self, review_id: UUID) -> Review | None:
        """The review with this id."""
        row = self.connection.execute("SELECT * FROM reviews WHERE id = ?", [str(review_id)]).fetchone()
        return Review.model_validate(dict(row)) if row else None

    def of_airport(self, icao: str, limit: int, after: ReviewKey | None = None) -> list[Review]:
        """The reviews of an airport, the latest first; those after a key in this order."""
        # No review is written after this one, so the first page needs no other statement.
        written, review_id = after or (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))
        found = self.connection.execute(
            "SELECT * FROM reviews WHERE icao = ? AND (written, id) < (?, ?) ORDER BY written DESC, id DESC LIMIT ?",
            [icao, text_of(written), str(review_id), limit],
        )
        return [Review.model_validate(dict(row)) for row in found]


def key_of(review: Review) -> ReviewKey:
    """The place of a review in the order of reviews."""
    return review.written, review.id


def text_of(time: datetime) -> str:
    """A time as it is stored: as in JSON."""
    return time.isoformat().replace("+00:00", "Z")

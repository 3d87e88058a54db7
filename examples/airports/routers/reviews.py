"""Reviews, sent by a form."""

from typing import Annotated
from uuid import UUID

from examples.airports.dependencies import AirportCode, FoundAirport, Reviews, ReviewsInTransaction, Writing
from examples.airports.models import Review, ReviewForm
from examples.airports.problems import AirportNotFound, ReviewNotFound
from examples.airports.reviewbook import ReviewKey, key_of
from signette import Created, Form, Page, Request, Router

router = Router(tags=["reviews"])


@router.get("/airports/{code}/reviews", summary="Read an airport's reviews")
def list_reviews(airport: FoundAirport, reviews: Reviews, page: Page.Cursor[ReviewKey]) -> Page[Review]:
    """The reviews of an airport, the latest first, a page at a time."""
    return page.of(reviews.of_airport(airport.icao, page.fetch, page.after), key=key_of)


@router.post("/airports/{code}/reviews", summary="Write a review")
def write_review(
    code: AirportCode,
    form: Annotated[ReviewForm, Form()],
    catalogue: Writing,
    reviews: ReviewsInTransaction,
    request: Request,
) -> Created[Review] | AirportNotFound:
    """Write a review of an airport."""
    airport = catalogue.find(code)
    if airport is None:
        return AirportNotFound(code=code)
    review = reviews.write(airport.icao, form)
    address = request.url_for("get_review", review_id=review.id).path
    return Created(review, headers={"Location": address})


@router.get("/reviews/{review_id}", summary="Read a review")
def get_review(review_id: UUID, reviews: Reviews) -> Review | ReviewNotFound:
    """One review by its id."""
    return reviews.find(review_id) or ReviewNotFound(id=review_id)

"""Reviews by form, urlencoded and multipart."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from signette.testclient import TestClient

FORM = {"author": " Ada ", "rating": "4", "text": "Long ways.\nGood bread.", "visited": "2024-02-29"}


@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
def test_a_review_is_kept_and_found_again(client: TestClient, encoding: str) -> None:
    if encoding == "urlencoded":
        response = client.post("/airports/fra/reviews", data=FORM)
    else:
        response = client.post("/airports/fra/reviews", files={name: (None, text) for name, text in FORM.items()})
    assert response.status_code == 201
    review = response.json()
    assert response.headers["location"] == f"/reviews/{UUID(review['id'])}"
    assert review | {"id": 0, "written": 0} == {
        "id": 0,
        "icao": "EDDF",
        "author": "Ada",
        "rating": 4,
        "text": "Long ways.\nGood bread.",
        "visited": "2024-02-29",
        "written": 0,
    }
    assert client.get(response.headers["location"]).json() == review
    assert client.get("/airports/EDDF/reviews").json() == {"items": [review], "next": None, "total": None}


def test_fields_that_were_left_empty_are_null(client: TestClient) -> None:
    review = client.post("/airports/FRA/reviews", data={"author": "Ada", "rating": "1", "text": "", "visited": ""})
    assert (review.status_code, review.json()["text"], review.json()["visited"]) == (201, None, None)


def test_the_latest_review_comes_first(client: TestClient) -> None:
    for rating in (1, 2, 3):
        client.post("/airports/FRA/reviews", data={"author": "Ada", "rating": rating})
    response = client.get("/airports/FRA/reviews?limit=2")
    assert [review["rating"] for review in response.json()["items"]] == [3, 2]


def test_reviews_that_are_written_while_a_client_reads_move_no_page(client: TestClient) -> None:
    for rating in (1, 2, 3, 4, 5):
        client.post("/airports/FRA/reviews", data={"author": "Ada", "rating": rating})
    response, found = client.get("/airports/FRA/reviews?limit=2"), []
    while True:
        found += [review["rating"] for review in response.json()["items"]]
        if "next" not in response.links:
            break
        client.post("/airports/FRA/reviews", data={"author": "Eve", "rating": 1})
        response = client.get(response.links["next"]["url"])
    assert found == [5, 4, 3, 2, 1]


def test_a_cursor_of_another_airport_is_rejected(client: TestClient) -> None:
    for rating in (1, 2):
        client.post("/airports/FRA/reviews", data={"author": "Ada", "rating": rating})
    cursor = client.get("/airports/FRA/reviews?limit=1").json()["next"]
    response = client.get("/airports/JFK/reviews", params={"cursor": cursor})
    assert (response.status_code, response.json()["reason"]) == (400, "other list")


def test_a_review_is_of_an_airport_that_is_there(client: TestClient) -> None:
    assert client.post("/airports/XXX/reviews", data=FORM).json()["title"] == "Airport not found"
    assert client.get("/airports/XXX/reviews").json()["code"] == "XXX"


def test_an_unknown_review_is_a_typed_problem(client: TestClient) -> None:
    wanted = uuid4()
    response = client.get(f"/reviews/{wanted}")
    assert (response.status_code, response.json()["id"]) == (404, str(wanted))


def test_a_visit_date_cannot_be_in_the_future(client: TestClient) -> None:
    day = datetime.now(UTC).date() + timedelta(days=3)
    response = client.post("/airports/FRA/reviews", data=FORM | {"visited": day.isoformat()})
    assert response.status_code == 422
    assert [(error["in"], error["name"]) for error in response.json()["errors"]] == [("form", "visited")]

"""Offering, looking, buying, withdrawing."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import pytest

from examples.market import app
from examples.market.catalogue import Catalogue
from examples.market.dependencies import postbox
from examples.market.models import NewOffer
from examples.market.passwords import Members
from examples.market.postbox import Postbox
from examples.market.problems import AlreadySold
from examples.market.store import opened
from signette.testclient import AsyncTestClient, TestClient

POT = {"title": "Tea pot", "price": "12.5", "text": "Hardly used."}
Headers = dict[str, str]


class Letters:
    """Keeps letters, and sends none."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send(self, sale: int, recipient: str, text: str) -> bool:
        self.sent.append((recipient, text))
        return True


@pytest.fixture
def letters() -> Iterator[Letters]:
    letters = Letters()
    with app.override(postbox, lambda: letters):
        yield letters


def run_jobs(client: TestClient) -> None:
    assert client.portal is not None
    client.portal.call(app.jobs.join)


def offer(client: TestClient, by: Headers, **changes: Any) -> dict[str, Any]:
    response = client.post("/offers", json=POT | changes, headers=by)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    assert client.get(response.headers["location"]).json() == found
    return found


def test_an_offer_is_what_was_sent_and_who_sent_it(client: TestClient, ada: Headers) -> None:
    made = offer(client, ada)
    assert made | {"offered": ""} == POT | {
        "id": 1, "price": "12.50", "seller": "ada", "buyer": None, "pictures": [], "offered": "",
    }  # fmt: skip


@pytest.mark.parametrize("price", [0, -1, "1e9", "1.234", "NaN", None, []])
def test_a_price_is_an_amount_of_money(client: TestClient, ada: Headers, price: Any) -> None:
    response = client.post("/offers", json=POT | {"price": price}, headers=ada)
    assert response.status_code == 422
    assert [entry["pointer"] for entry in response.json()["errors"]] == ["/price"]


def test_pages_follow_one_another_to_the_end(client: TestClient, ada: Headers) -> None:
    for number in range(5):
        offer(client, ada, title=f"Cup {number}")
    titles, after = [], 0
    while after is not None:
        page = client.get("/offers", params={"after": after, "size": 2}).json()
        titles.append([each["title"] for each in page["items"]])
        after = page["next"]
    assert titles == [["Cup 0", "Cup 1"], ["Cup 2", "Cup 3"], ["Cup 4"]]


@pytest.mark.parametrize(("word", "found"), [("tea", 1), ("%", 1), ("_", 0), ("!", 0), ("", 2), ("'", 0)])
def test_a_word_is_looked_for_as_it_is(client: TestClient, ada: Headers, word: str, found: int) -> None:
    offer(client, ada)
    offer(client, ada, title="100% cotton")
    assert len(client.get("/offers", params={"word": word}).json()["items"]) == found


def test_the_seller_gets_an_email(client: TestClient, ada: Headers, bo: Headers, letters: Letters) -> None:
    made = offer(client, ada)
    bought = client.post(f"/offers/{made['id']}/buy", headers=bo)
    assert (bought.status_code, bought.json()["buyer"]) == (200, "bo")
    run_jobs(client)
    assert letters.sent == [("ada", "bo buys Tea pot for 12.50")]
    assert client.get("/offers").json()["items"] == []
    assert len(client.get("/offers?sold=yes").json()["items"]) == 1


def test_buying_your_own_or_a_sold_or_unknown_offer_fails(client: TestClient, ada: Headers, bo: Headers) -> None:
    made = offer(client, ada)
    responses = [
        client.post(f"/offers/{number}/buy", headers=by) for number, by in [(1, ada), (1, bo), (1, bo), (2, bo)]
    ]
    assert [response.status_code for response in responses] == [409, 200, 409, 404]
    assert [responses[at].json()["title"] for at in (0, 2)] == ["Own offer", "Already sold"]
    assert responses[3].json()["detail"] == "There is no offer 2"
    assert client.delete(f"/offers/{made['id']}", headers=ada).status_code == 409


async def test_of_two_concurrent_purchases_one_fails(folder: object, ada: Headers, bo: Headers) -> None:
    statuses: list[int] = []
    async with AsyncTestClient(app) as client:
        await client.post("/offers", json=POT, headers=ada)

        async def buy() -> None:
            statuses.append((await client.post("/offers/1/buy", headers=bo)).status_code)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(buy)
            tasks.start_soon(buy)
    assert sorted(statuses) == [200, 409]


def test_an_offer_is_withdrawn_by_who_made_it(client: TestClient, ada: Headers, bo: Headers) -> None:
    offer(client, ada)
    assert client.delete("/offers/1", headers=bo).status_code == 403
    assert client.delete("/offers/1", headers=ada).status_code == 204
    assert client.get("/offers/1").status_code == 404
    assert client.delete("/offers/1", headers=ada).status_code == 404


def test_what_was_bought_while_it_was_withdrawn_stays(tmp_path: Path) -> None:
    with opened(tmp_path / "market.sqlite3") as store:
        for name in ("ada", "bo"):
            Members(store).add(name, "a password")
        catalogue = Catalogue(store)
        made = catalogue.add(NewOffer(title="Tea pot", price=Decimal(3)), "ada")
        catalogue.owned(made.id, "ada")
        catalogue.buy(made.id, "bo")
        with pytest.raises(AlreadySold):
            catalogue.remove(made.id)
        assert catalogue.get(made.id).buyer == "bo"


@pytest.mark.parametrize("target", ["/offers/0", "/offers/9223372036854775808", "/offers?size=101", "/offers?after=x"])
def test_values_that_no_database_holds_are_rejected(client: TestClient, target: str) -> None:
    assert client.get(target).status_code == 422


def test_the_document_lists_the_errors() -> None:
    responses = app.openapi()["paths"]["/offers/{offer}/buy"]["post"]["responses"]
    assert set(responses) == {"200", "400", "401", "403", "404", "409", "422", "429", "503"}
    assert app.openapi()["paths"]["/offers/{offer}/buy"]["post"]["security"] == [{"OAuth2PasswordBearer": ["buy"]}]


def test_a_repeated_request_has_one_effect(client: TestClient, ada: Headers, bo: Headers) -> None:
    key = {"Idempotency-Key": '"monday"'}
    first, again = (client.post("/offers", json=POT, headers=ada | key) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert client.post("/offers", json=POT | {"title": "Another"}, headers=ada | key).status_code == 422
    bought, again = (client.post("/offers/1/buy", headers=bo | key) for _ in range(2))
    assert (bought.status_code, bought.content) == (again.status_code, again.content) == (200, bought.content)
    assert len(client.get("/offers?sold=yes").json()["items"]) == 1


def test_a_request_whose_first_process_was_killed_has_one_effect_and_one_letter(folder: Path) -> None:
    """Its response was not stored, so the endpoint runs again."""
    with opened(folder / "market.sqlite3") as store:
        offers, sent = Catalogue(store), Postbox(store)
        first, again = (offers.add(NewOffer(**POT), "ada", "monday") for _ in range(2))
        assert first == again
        assert [offers.buy(first.id, "bo", "tuesday").buyer for _ in range(2)] == ["bo", "bo"]
        with pytest.raises(AlreadySold):
            offers.buy(first.id, "cy", "tuesday")
        assert [sent.send(first.id, "ada", "bo buys it") for _ in range(2)] == [True, False]


def test_a_list_is_cached_until_it_changes(client: TestClient, ada: Headers) -> None:
    before = client.get("/offers")
    assert before.headers["cache-control"] == "public, max-age=10"
    assert "age" not in before.headers
    assert client.get("/offers").headers["age"] == "0"
    offer(client, ada)
    assert len(client.get("/offers").json()["items"]) == 1


def test_logins_are_limited(client: TestClient) -> None:
    form = {"username": "ada", "password": "guessed"}
    statuses = {client.post("/token", data={}).status_code for _ in range(60)}
    assert statuses == {422}
    refused = client.post("/token", data=form)
    assert (refused.status_code, refused.json()["title"]) == (429, "Too many requests")

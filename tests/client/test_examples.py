"""Clients drive the examples: the same tests in process, and over a socket."""

import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from examples.airports import app as airports
from examples.airports.geometry import Units
from examples.airports.models import Airport, AirportSearch, ReviewForm
from examples.airports.problems import AirportNotFound, CodeMismatch, DuplicateCode, KeyNotKnown
from examples.airports.store import Store
from examples.market import app as market
from examples.market.models import NewOffer, SignUp
from examples.market.passwords import Members
from examples.market.problems import AlreadySold, InvalidToken, LoginFailed, NameTaken, NoSuchOffer
from examples.market.store import opened
from examples.tour.typed import app as tour
from examples.tour.typed.responses import ResourceNotFound
from signette import App
from signette.client import ArgumentError, AsyncClient, NotModified, UnexpectedResponse
from signette.conditional import PreconditionFailed
from tests.examples.airports import sample
from tests.interop.serving import served


@pytest.fixture(params=["in process", "over HTTP"])
def place(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def connected(app: App, place: str) -> Iterator[Callable[[], AsyncClient]]:
    if place == "in process":
        yield app.client
    else:
        with served(app) as server:
            yield lambda: AsyncClient(app, base_url=str(server.base_url))


@pytest.fixture(scope="session")
def ten_airports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("airports") / "airports.sqlite3"
    store = Store(path)
    store.prepare(sample.airports)
    store.close()
    return path


@pytest.fixture
def of_airports(
    ten_airports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> Iterator[Callable[[], AsyncClient]]:
    monkeypatch.setenv("AIRPORTS_DB", str(shutil.copy(ten_airports, tmp_path)))
    monkeypatch.delenv("AIRPORTS_KEY", raising=False)
    yield from connected(airports, place)


@pytest.fixture(scope="session")
def three_members(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("market") / "market.sqlite3"
    with opened(file) as store:
        for name in ("ada", "bo"):
            Members(store).add(name, f"the password of {name}")
    return file


@pytest.fixture
def of_market(
    three_members: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> Iterator[Callable[[], AsyncClient]]:
    shutil.copy(three_members, tmp_path)
    monkeypatch.setenv("MARKET_FOLDER", str(tmp_path))
    monkeypatch.setenv("MARKET_KEY", "a key for tests")
    yield from connected(market, place)


@pytest.fixture
def of_tour(place: str) -> Iterator[Callable[[], AsyncClient]]:
    yield from connected(tour, place)


async def test_airports_are_searched_and_described(of_airports: Callable[[], AsyncClient]) -> None:
    async with of_airports() as client:
        page = await client.search_airports(search=AirportSearch(country="de", sort="name", page_size=2))
        assert ([each.icao for each in page.items], page.total) == (["EDDF", "EDFE"], 3)
        assert (await client.search_airports(search={"has_iata": False})).total == 1
        near = await client.nearest_airports(latitude=50.1, longitude=8.7, limit=2, within_km=50.5)
        assert [each.airport.icao for each in near] == ["EDDF", "EDFE"]
        metric = await client.summarize_airport(code="FRA", accept_language="de")
        imperial = await client.summarize_airport.reply(code="FRA", units=Units.IMPERIAL, accept_language="de")
        assert metric != imperial.value
        assert imperial.header("content-language") == "de"
        with pytest.raises(AirportNotFound) as caught:
            await client.get_airport(code="XXXX")
        assert caught.value.code == "XXXX"
        box = {"north": 3, "south": 1}
        with pytest.raises(ArgumentError, match=r"argument `search` is not valid: .*a box has four sides"):
            await client.search_airports(search=box)
        with pytest.raises(UnexpectedResponse, match=r"status 422[^*]*a box has four sides"):
            await client.call_json("search_airports", {"search": box})


async def test_airports_are_changed_with_a_key_and_a_version(of_airports: Callable[[], AsyncClient]) -> None:
    async with of_airports() as unknown:
        with pytest.raises(KeyNotKnown):
            await unknown.with_options(headers={"X-API-Key": "other"}).create_airport(airport=sample.NEW)
        client = unknown.with_options(headers={"X-API-Key": "demo"})
        made = await client.create_airport.reply(airport=Airport.model_validate(sample.NEW))
        assert (made.status, made.location) == (201, "/airports/ZZ01")
        assert isinstance(await client.create_airport(airport=sample.NEW), DuplicateCode)
        read = await client.get_airport.reply(code="ZZ01")
        tag = read.header("etag")
        with pytest.raises(NotModified):
            await client.get_airport(code="ZZ01", if_none_match=tag)
        changed = await client.change_airport(code="ZZ01", patch={"name": "Meadow", "city": None}, if_match=tag)
        assert (changed.name, changed.city) == ("Meadow", None)
        with pytest.raises(PreconditionFailed):
            await client.change_airport(code="ZZ01", patch={"name": "Other"}, if_match=tag)
        assert isinstance(await client.replace_airport(code="EDDF", airport=made.value), CodeMismatch)
        assert await client.delete_airport(code="ZZ01") is None
        assert isinstance(await client.delete_airport(code="ZZ01"), AirportNotFound)


async def test_reviews_are_written_by_a_form(of_airports: Callable[[], AsyncClient]) -> None:
    async with of_airports() as client:
        form = ReviewForm(author="Ada & Bo", rating=5, text="one\ntwo")
        written = await client.write_review.reply(code="FRA", form=form)
        assert (written.value.author, written.value.text) == ("Ada & Bo", "one\ntwo")
        assert await client.get_review(review_id=written.value.id) == written.value
        assert written.location == f"/reviews/{written.value.id}"
        assert list(await client.list_reviews(code="FRA", limit=1)) == [written.value]
        assert await client.choose_units(units=Units.IMPERIAL) is None


async def test_the_market_sells_to_members(of_market: Callable[[], AsyncClient]) -> None:
    async with of_market() as guest:
        new = SignUp(name="cy", password=SecretStr("the password of cy"))
        assert (await guest.sign_up(new=new)).name == "cy"
        assert isinstance(await guest.sign_up(new=new), NameTaken)
        assert isinstance(await guest.log_in(username="cy", password="wrong"), LoginFailed)
        with pytest.raises(InvalidToken):
            await guest.with_options(headers={"Authorization": "Bearer x"}).me()
        cy, bo = [await logged_in(guest, name) for name in ("cy", "bo")]
        assert (await cy.me()).name == "cy"
        offer = await cy.offer_something(new=NewOffer(title="Tea pot", price=Decimal("12.5")))
        assert offer.price == Decimal("12.50")
        assert [each.id for each in (await guest.list_offers(word="tea", size=5)).items] == [offer.id]
        assert (await bo.buy(offer=offer.id)).buyer == "bo"
        assert isinstance(await bo.buy(offer=offer.id), AlreadySold)
        assert isinstance(await guest.read_offer(offer=99), NoSuchOffer)


async def logged_in(guest: AsyncClient, name: str) -> AsyncClient:
    token = await guest.log_in(username=name, password=f"the password of {name}", scope="buy sell")
    return guest.with_options(headers={"Authorization": f"Bearer {token.access_token}"})


async def test_the_tour_is_taken(of_tour: Callable[[], AsyncClient]) -> None:
    async with of_tour() as client:
        found = await client.search(q="a b", tag=["x", "y"], per_page=3)
        assert (found.query, found.tags, found.per_page) == ("a b", ["x", "y"], 3)
        assert (await client.user_post(user_id=3, post_id=0)).post_id == 0
        assert (await client.json_endpoint(data=[None, {"a": 1.5}])).received == [None, {"a": 1.5}]
        assert await client.api() == {"message": "success"}
        assert isinstance(await client.api_with_status(), ResourceNotFound)
        assert (await client.api_with_headers.reply()).header("X-Custom-Header") == "value"
        assert await client.custom() == {"name": "Bo"}
        assert await client.text() == "Hello, plain text!"
        assert "<h1>" in await client.html()
        assert (await client.redirect.reply()).location == "/new-location"
        assert (await client.see_other.reply()).status == 303
        assert await client.publish(text=b"news") is None
        with pytest.raises(UnexpectedResponse, match="status 403"):
            await client.forbidden()


def test_the_operations_of_the_examples_can_be_called() -> None:
    for app in (airports, market, tour):
        client: Any = app.client()
        assert [each.name for each in client.operations if each.unsupported] == []

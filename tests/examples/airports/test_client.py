"""The airports by their client: pages, streams in both directions and files, in process and over HTTP."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from examples.airports import app
from examples.airports.models import Airport, AirportRow, Correction, CorrectionPreview, Review, ReviewForm
from examples.airports.problems import AirportNotFound, UnreadableFile
from signette.client import AsyncClient, Client
from signette.client.runtime.auth import APIKey
from tests.client.ways import WAYS, url_of
from tests.examples.airports import sample

# httpx leaves generators behind when a response is closed before its end.
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.either_loop,
    pytest.mark.filterwarnings("ignore:Async generator .http(x|core)2:ResourceWarning"),
]

KEY = APIKey("demo")
CSV = b"icao,name\nEDDF,Frankfurt\nXXXX,Nowhere\n"


@pytest.fixture(params=WAYS)
def base_url(request: pytest.FixtureRequest, database: Path) -> Iterator[str | None]:
    with url_of(app, request.param) as url:
        yield url


@pytest.fixture
async def airports(base_url: str | None) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(app, base_url, auth=KEY) as client:
        yield client


async def test_pages_follow_their_cursors(airports: AsyncClient) -> None:
    for number in range(5):
        await airports.write_review(code="EDDF", form=ReviewForm(author="ada", rating=3, text=f"number {number}"))
    page = await airports.list_reviews(code="EDDF", limit=2)
    assert ([each.text for each in page], page.total) == (["number 4", "number 3"], None)
    assert isinstance(page.items[0], Review)
    assert page.next
    rest = await airports.list_reviews(code="EDDF", limit=2, cursor=page.next)
    assert [each.text for each in rest] == ["number 2", "number 1"]
    every = [each.text async for each in airports.list_reviews(code="EDDF", limit=2)]
    assert every == [f"number {number}" for number in (4, 3, 2, 1, 0)]
    assert [len(page) async for page in airports.list_reviews(code="EDDF", limit=2).pages()] == [2, 2, 1]
    with pytest.raises(AirportNotFound):
        await airports.list_reviews(code="XXXX")


async def test_items_arrive_as_a_stream(airports: AsyncClient) -> None:
    found = [each async for each in airports.export_airports()]
    assert sorted(each.icao for each in found) == sorted(each.icao for each in sample.airports())
    assert all(isinstance(each, Airport) for each in found)
    async with airports.download_airports(country="DE") as rows:
        assert isinstance(await anext(rows), AirportRow)


async def test_items_are_sent_and_received_at_once(airports: AsyncClient) -> None:
    received = []

    async def corrections() -> AsyncIterator[Correction]:
        yield Correction(icao="EDDF", name="Frankfurt")
        yield Correction(icao="XXXX")

    async with airports.preview_corrections(rows=corrections()) as previews:
        async for preview in previews:
            assert isinstance(preview, CorrectionPreview)
            received.append((preview.icao, preview.airport and preview.airport.name))
    assert received == [("EDDF", "Frankfurt"), ("XXXX", None)]


async def test_a_stream_is_sent_from_a_list_or_an_iterator(airports: AsyncClient) -> None:
    rows = [Correction(icao="EDDF", name="Frankfurt"), Correction(icao="XXXX", name="Nowhere")]
    report = await airports.stream_corrections(rows=rows)
    assert (report.applied, len(report.rejected)) == (1, 1)
    report = await airports.stream_corrections(rows=(each for each in rows[:1]))
    assert (report.applied, report.skipped) == (1, 0)
    assert (await airports.get_airport(code="EDDF")).name == "Frankfurt"


async def test_a_file_goes_up_in_a_form(airports: AsyncClient, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(CSV)
    report = await airports.upload_corrections(file=path, dry_run=True)
    assert (report.applied, len(report.rejected), report.dry_run) == (1, 1, True)
    with path.open("rb") as file:
        assert (await airports.upload_corrections(file=file)).applied == 1
    assert isinstance(await airports.upload_corrections(file=b"nothing"), UnreadableFile)


async def test_a_template_is_downloaded(airports: AsyncClient) -> None:
    assert (await airports.download_template()).startswith(b"icao,")


def test_the_same_without_async(base_url: str | None, tmp_path: Path) -> None:
    with Client(app, base_url, auth=KEY) as airports:
        for number in range(3):
            airports.write_review(code="EDDF", form=ReviewForm(author="ada", rating=3, text=f"number {number}"))
        pages = airports.list_reviews(code="EDDF", limit=2)
        assert [each.text for each in pages.items] == ["number 2", "number 1"]
        assert [each.text for each in pages] == ["number 2", "number 1", "number 0"]
        assert len(list(airports.export_airports())) == len(sample.airports())
        rows = [Correction(icao="EDDF", name="Frankfurt")]
        with airports.preview_corrections(rows=iter(rows)) as previews:
            assert [each.icao for each in previews] == ["EDDF"]
        assert airports.upload_corrections(file=("list.csv", CSV)).applied == 1

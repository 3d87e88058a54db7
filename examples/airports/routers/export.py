"""Exporting all airports."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

from examples.airports.catalogue import Catalogue
from examples.airports.dependencies import Exporting
from examples.airports.models import Airport, AirportRow, CountryWanted
from signette import Query, Router
from signette.concurrency import run_in_threadpool
from signette.formats import CSV, JSON, JSONLines

router = Router(prefix="/export", tags=["export"])
BATCH = 500


@router.get("/airports.jsonl", summary="Stream all airports", response_description="JSON Lines, an airport a line.")
async def export_airports(
    catalogue: Exporting, country: Annotated[CountryWanted | None, Query()] = None
) -> AsyncIterator[Airport]:
    """All airports, or those of a country, in the order of their ICAO codes, in metres."""
    async with aclosing(in_batches(catalogue, country)) as airports:
        async for airport in airports:
            yield airport


@router.get("/airports", renders=[JSON, JSONLines, CSV], summary="Download all airports")
async def download_airports(
    catalogue: Exporting, country: Annotated[CountryWanted | None, Query()] = None
) -> AsyncIterator[AirportRow]:
    """The same in the format that `Accept` asks for: JSON, JSON Lines, or CSV for spreadsheets."""
    async with aclosing(in_batches(catalogue, country)) as airports:
        async for airport in airports:
            yield AirportRow.of(airport)


async def in_batches(catalogue: Catalogue, country: str | None) -> AsyncGenerator[Airport, None]:
    """The airports in the order of their ICAO codes.

    In batches: the response is never in memory as a whole, and no read transaction is open while a slow client reads.
    """
    after = ""
    while batch := await run_in_threadpool(catalogue.batch, after, BATCH, country):
        for airport in batch:
            yield airport
        after = batch[-1].icao

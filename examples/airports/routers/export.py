"""Exporting all airports."""

from collections.abc import AsyncIterator
from typing import Annotated

from examples.airports.dependencies import Exporting
from examples.airports.models import Airport, CountryWanted
from signette import Query, Router
from signette.concurrency import run_in_threadpool

router = Router(prefix="/export", tags=["export"])
BATCH = 500


@router.get("/airports.jsonl", summary="Stream all airports", response_description="JSON Lines, an airport a line.")
async def export_airports(
    catalogue: Exporting, country: Annotated[CountryWanted | None, Query()] = None
) -> AsyncIterator[Airport]:
    """All airports, or those of a country, in the order of their ICAO codes, in metres."""
    # In batches: the response is never in memory as a whole, and no read transaction is open while a slow client
    # reads.
    after = ""
    while batch := await run_in_threadpool(catalogue.batch, after, BATCH, country):
        for airport in batch:
            yield airport
        after = batch[-1].icao

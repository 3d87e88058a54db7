"""Everything at once."""

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
    """All airports, or all of a country, in the order of their ICAO codes, in metres."""
    # Batch by batch: no answer of any length is held in memory, and no read transaction is open while a client takes
    # its time.
    after = ""
    while batch := await run_in_threadpool(catalogue.batch, after, BATCH, country):
        for airport in batch:
            yield airport
        after = batch[-1].icao

"""Many small corrections at once: as a CSV file in a form, and as a stream."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from examples.airports.catalogue import Catalogue
from examples.airports.corrections import apply_batch, apply_corrections, preview_of
from examples.airports.dependencies import Exporting, OpenStore, Writing, needs_key
from examples.airports.models import (
    Correction,
    CorrectionPreview,
    CorrectionReport,
    RejectedCorrection,
    StreamReport,
)
from examples.airports.problems import UnreadableFile
from examples.airports.store import transaction
from signette import BackgroundTasks, File, Form, Items, Router, Stream, UploadFile

router = Router(prefix="/corrections", tags=["corrections"])
BATCH, MOST_REJECTED, MOST_BYTES = 500, 100, 256 * 1024 * 1024
TEMPLATE = Path(__file__).parent.parent / "corrections.csv"


@router.post("", summary="Correct many airports", dependencies=[needs_key])
def upload_corrections(
    file: Annotated[UploadFile, File(max_bytes=1024 * 1024, description="UTF-8, with a line of column names.")],
    catalogue: Writing,
    store: OpenStore,
    tasks: BackgroundTasks,
    dry_run: Annotated[bool, Form(description="Only report the result, without changes.")] = False,
) -> CorrectionReport | UnreadableFile:
    """Apply a CSV file with corrections. Invalid lines are reported and change nothing.

    The first line names the columns: `icao`, and those of `iata`, `name`, `city`, `region`, `country`, `latitude`,
    `longitude`, `elevation_m`, `timezone` to change. An empty cell leaves the value unchanged.
    """
    tasks.add_task(store.tidy)  # after the response was sent
    return apply_corrections(catalogue, file.file, dry_run)


@router.post("/stream", summary="Correct any number of airports", dependencies=[needs_key])
def stream_corrections(
    rows: Annotated[Stream[Correction], Items(on_error="skip", max_item_bytes=4096, max_bytes=MOST_BYTES)],
    store: OpenStore,
) -> StreamReport:
    """Apply corrections as they arrive: JSON Lines, a JSON array, or CSV. Those that are not valid are skipped.

    They are applied in batches of 500, each in a transaction that begins when the batch has arrived. So a slow client
    keeps no other from writing, and what was applied stays if it disconnects.
    """
    rejected: list[RejectedCorrection] = []
    count = 0
    for batch in rows.batches(BATCH):
        with store.connection() as connection, transaction(connection):
            found = apply_batch(Catalogue(connection), batch)
        count += len(found)
        rejected += found[: MOST_REJECTED - len(rejected)]
    return StreamReport(applied=rows.accepted - count, skipped=rows.skipped, rejected=rejected)


@router.post("/preview", summary="Preview corrections")
def preview_corrections(
    rows: Annotated[Stream[Correction], Items(on_error="skip", max_item_bytes=4096)], catalogue: Exporting
) -> Iterator[CorrectionPreview]:
    """For each correction, the airport as it would be. The first lines are sent before the last corrections arrive."""
    for correction in rows:
        yield preview_of(catalogue, correction)


@router.get("/template.csv", summary="Download a template")
async def download_template() -> Path:
    """A template for a file with corrections."""
    return TEMPLATE

"""Many small corrections at once, as a CSV file."""

from pathlib import Path
from typing import Annotated

from examples.airports.corrections import apply_corrections
from examples.airports.dependencies import OpenStore, Writing, needs_key
from examples.airports.models import CorrectionReport
from examples.airports.problems import UnreadableFile
from signette import BackgroundTasks, File, Form, Router, UploadFile

router = Router(prefix="/corrections", tags=["corrections"])
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


@router.get("/template.csv", summary="Download a template")
async def download_template() -> Path:
    """A template for a file with corrections."""
    return TEMPLATE

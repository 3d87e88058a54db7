"""Applying corrections: of CSV files, line by line, and of streams, batch by batch."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from pydantic import ValidationError

from examples.airports.catalogue import Catalogue, corrected
from examples.airports.models import (
    Correction,
    CorrectionPreview,
    CorrectionReport,
    Fault,
    RejectedCorrection,
    RejectedLine,
)
from examples.airports.problems import UnreadableFile

MOST_LINES = 5000
COLUMNS = set(Correction.model_fields)


def apply_corrections(catalogue: Catalogue, file: BinaryIO, dry_run: bool) -> CorrectionReport:
    """Apply each valid line, and report each invalid one.

    Raises:
        UnreadableFile: the file is not a CSV file with corrections.
    """
    applied, rejected = 0, []
    catalogue.connection.execute("SAVEPOINT before")
    for line, cells in lines_of(file):
        faults = apply_line(catalogue, cells)
        if faults:
            rejected.append(RejectedLine(line=line, faults=faults))
        else:
            applied += 1
    if dry_run:
        catalogue.connection.execute("ROLLBACK TO before")
    return CorrectionReport(applied=applied, rejected=rejected, dry_run=dry_run)


def apply_line(catalogue: Catalogue, cells: dict[str, str] | None) -> list[Fault]:
    """Apply a line, or report why it is invalid."""
    if cells is None:
        return [Fault(column=None, code="cells", message="The line has not as many cells as the first line")]
    try:
        correction = Correction.model_validate_strings({name: text for name, text in cells.items() if text.strip()})
    except ValidationError as exc:
        return [
            Fault(column=str(error["loc"][0]) if error["loc"] else None, code=error["type"], message=error["msg"])
            for error in exc.errors(include_url=False, include_input=False, include_context=False)
        ]
    faults = faults_of(catalogue, correction)
    if not faults:
        catalogue.correct(correction)
    return faults


def faults_of(catalogue: Catalogue, correction: Correction) -> list[Fault]:
    """Why a correction cannot be applied."""
    if not catalogue.find(correction.icao):
        return [Fault(column="icao", code="airport_not_found", message="No airport has this code")]
    if correction.model_dump(exclude_none=True).keys() == {"icao"}:
        return [Fault(column=None, code="nothing_to_change", message="Every cell but the code is empty")]
    if holder := catalogue.holder_of(correction.iata, other_than=correction.icao):
        return [Fault(column="iata", code="duplicate_code", message=f"The code belongs to {holder}")]
    return []


def apply_batch(catalogue: Catalogue, batch: Iterable[Correction]) -> list[RejectedCorrection]:
    """Apply each correction of a batch that can be applied, and report the others."""
    rejected = []
    for correction in batch:
        faults = faults_of(catalogue, correction)
        if faults:
            rejected.append(RejectedCorrection(icao=correction.icao, faults=faults))
        else:
            catalogue.correct(correction)
    return rejected


def preview_of(catalogue: Catalogue, correction: Correction) -> CorrectionPreview:
    """The airport as a correction would leave it, or why the correction cannot be applied."""
    faults = faults_of(catalogue, correction)
    airport = None if faults else catalogue.find(correction.icao)
    return CorrectionPreview(icao=correction.icao, airport=airport and corrected(airport, correction), faults=faults)


def lines_of(file: BinaryIO) -> Iterator[tuple[int, dict[str, str] | None]]:
    """The lines after the first, with their numbers; None for a line with too few or too many cells."""
    # Spreadsheets write a byte order mark: "utf-8-sig" removes it.
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile(reason="it is not UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        check_columns(columns)
        for count, cells in enumerate(reader):
            if count == MOST_LINES:
                raise UnreadableFile(reason=f"it has more than {MOST_LINES} lines")
            if cells:  # empty lines are skipped
                yield reader.line_num, dict(zip(columns, cells, strict=True)) if len(cells) == len(columns) else None
    except csv.Error as exc:
        raise UnreadableFile(reason=f"line {reader.line_num}: {exc}") from None


def check_columns(columns: list[str]) -> None:
    """Reject a first line without a code, with a repeated column, or with a column that cannot be corrected."""
    if "icao" not in columns:
        raise UnreadableFile(reason="its first line names no column `icao`")
    if len(set(columns)) < len(columns):
        raise UnreadableFile(reason="its first line names a column twice")
    if set(columns) - COLUMNS:
        raise UnreadableFile(reason=f"its first line names other columns than {', '.join(sorted(COLUMNS))}")

"""File responses."""

from pathlib import Path

from examples.tour.typed.dependencies import Stage
from signette import FileResponse, Router

router = Router(tags=["files"])


@router.get("/download")
async def download_file(backstage: Stage) -> FileResponse:
    return FileResponse(backstage.folder / "documents/report.pdf", filename="monthly_report.pdf")


@router.get("/download/export")
async def download_with_headers(backstage: Stage) -> FileResponse:
    return FileResponse(
        backstage.folder / "data/export.csv",
        media_type="text/csv",
        headers={"X-Custom-Header": "value"},
        filename="data_export.csv",
    )


@router.get("/download/chart")
async def inline_file(backstage: Stage) -> Path:
    return backstage.folder / "images/chart.png"

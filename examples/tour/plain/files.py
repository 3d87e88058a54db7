"""File responses."""

from signette.requests import Request
from signette.responses import FileResponse, Response
from signette.routing import Route


async def download_file(request: Request) -> Response:
    # Simple file download
    return FileResponse(request.state.backstage.folder / "documents/report.pdf", filename="monthly_report.pdf")


async def download_with_headers(request: Request) -> Response:
    # File download with custom headers
    return FileResponse(
        request.state.backstage.folder / "data/export.csv",
        media_type="text/csv",
        headers={"X-Custom-Header": "value"},
        filename="data_export.csv",
    )


async def inline_file(request: Request) -> Response:
    # Display file inline (not download)
    return FileResponse(request.state.backstage.folder / "images/chart.png", content_disposition_type="inline")


routes = [
    Route("/download", download_file),
    Route("/download/export", download_with_headers),
    Route("/download/chart", inline_file),
]

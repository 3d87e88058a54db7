from signette import App, Response
from signette.formats import CSV, JSON


async def rows() -> Response: ...


def declare(app: App) -> None:
    app.get("/rows", renders=[JSON, CSV])(rows)

from signette import App


async def search(limit: int = 10) -> None: ...


def declare(app: App) -> None:
    app.get("/search", unknown_query_params="refuse")(search)  # type: ignore[arg-type]  # the error

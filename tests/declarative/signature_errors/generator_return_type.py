from signette import App


async def rows() -> list[int]:  # type: ignore[misc]  # the error
    yield 1


def declare(app: App) -> None:
    app.get("/rows")(rows)

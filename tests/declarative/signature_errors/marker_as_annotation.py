from signette import App, Depends


def user() -> str:
    return "ann"


async def rows(user: Depends(user)) -> None: ...  # type: ignore[valid-type]  # the error


def declare(app: App) -> None:
    app.get("/rows")(rows)

from signette import App


def check() -> None: ...


async def rows() -> None: ...


def declare(app: App) -> None:
    app.get("/rows", dependencies=[check])(rows)  # type: ignore[list-item]  # the error

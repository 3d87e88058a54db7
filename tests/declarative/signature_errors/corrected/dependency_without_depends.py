from signette import App, Depends


def check() -> None: ...


async def rows() -> None: ...


def declare(app: App) -> None:
    app.get("/rows", dependencies=[Depends(check)])(rows)

from signette import App


async def upload(data: bytes) -> None: ...


def declare(app: App) -> None:
    app.post("/upload", max_body_size="10MB")(upload)  # type: ignore[arg-type]  # the error

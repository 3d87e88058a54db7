from signette import App


async def upload(data: bytes) -> None: ...


def declare(app: App) -> None:
    app.post("/upload", max_body_size=10 * 1024 * 1024)(upload)

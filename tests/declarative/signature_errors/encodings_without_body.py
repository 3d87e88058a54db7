from signette import App


async def count() -> int:
    return 0


def declare(app: App) -> None:
    app.post("/count", request_encodings=["gzip"])(count)

from signette import App


async def count(words: list[str]) -> int:
    return len(words)


def declare(app: App) -> None:
    app.post("/count", request_encodings=["gzip"])(count)

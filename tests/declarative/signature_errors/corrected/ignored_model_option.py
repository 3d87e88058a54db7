from signette import App


async def word() -> str:
    return "a"


def declare(app: App) -> None:
    app.get("/word")(word)

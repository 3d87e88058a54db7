from signette import App, Conditional


async def replace_text(text: str, cond: Conditional) -> str:
    cond.check(etag="1")
    return text


def declare(app: App) -> None:
    app.put("/text")(replace_text)

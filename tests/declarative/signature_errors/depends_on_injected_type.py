from typing import Annotated

from signette import App, Conditional, Depends


async def replace_text(text: str, cond: Annotated[Conditional, Depends()]) -> str:
    cond.check(etag="1")
    return text


def declare(app: App) -> None:
    app.put("/text")(replace_text)

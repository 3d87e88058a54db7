from typing import Annotated

from signette import App, Page


async def numbers(page: Annotated[Page.Offset, Page.Limit(50)]) -> Page[int]:
    return page.of(range(page.offset, page.offset + page.fetch))


def declare(app: App) -> None:
    app.get("/numbers")(numbers)

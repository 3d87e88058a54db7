from signette import App, Page


async def numbers(page: Page.Offset) -> Page[int]:
    return page.of(range(page.offset, page.offset + page.fetch))


def declare(app: App) -> None:
    app.get("/numbers", page_limit=Page.Limit(50))(numbers)

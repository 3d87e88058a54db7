"""Pages by offset that overlap by one item."""

from signette import App, Page

app = App()


@app.get("/numbers")
async def numbers(page: Page.Offset) -> Page[int]:
    start = max(0, page.offset - 1)
    return page.of(range(start, min(start + page.fetch, 30)))


REPORTED = {("pages", "GET /numbers")}

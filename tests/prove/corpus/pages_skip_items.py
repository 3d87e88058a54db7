"""Pages by key that skip the item after each page: `>=` and `>` were mixed up."""

from signette import App, Page

app = App(cursor_keys=["a secret of the corpus, long enough"])


@app.get("/numbers")
async def numbers(page: Page.Cursor[int]) -> Page[int]:
    start = 0 if page.after is None else page.after + 2
    return page.of(range(start, min(start + page.fetch, 30)), key=lambda number: number)


REPORTED = {("pages", "GET /numbers")}

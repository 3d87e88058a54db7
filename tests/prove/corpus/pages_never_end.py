"""A list whose `next` is always the second page."""

from signette import App, Page

app = App(cursor_keys=["a secret of the corpus, long enough"])


@app.get("/letters")
async def letters(page: Page.Cursor[int]) -> Page[str]:
    return page.of(list("abcdefghij")[: page.limit], next=1)


REPORTED = {("pages", "GET /letters")}

"""A list whose second page is a 410: it rejects cursors that it has made itself."""

from signette import App, Page, Problem

app = App(cursor_keys=["a secret of the corpus, long enough"])


class CursorExpired(Problem, status=410):
    """The cursor is too old."""


@app.get("/letters")
async def letters(page: Page.Cursor[int]) -> Page[str] | CursorExpired:
    if page.after is not None:
        return CursorExpired()
    return page.of(list("abcdefghij")[: page.limit], next=page.limit)


REPORTED = {("pages", "GET /letters")}

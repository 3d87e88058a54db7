"""Pages by key and by offset, with a filter."""

from signette import App, Page

app = App(cursor_keys=["a secret of the corpus, long enough"])


@app.get("/numbers")
async def numbers(page: Page.Cursor[int], even: bool = False) -> Page[int]:
    start = -1 if page.after is None else page.after
    found = [number for number in range(45) if number > start and not (even and number % 2)]
    return page.of(found[: page.fetch], key=lambda number: number)


@app.get("/letters")
async def letters(page: Page.Offset) -> Page[str]:
    text = "abcdefghijklmnopqrstuvwxyz"
    return page.of(list(text[page.offset : page.offset + page.fetch]), total=len(text))


@app.get("/nothing")
async def nothing(page: Page.Offset) -> Page[str]:
    return page.of([])


REPORTED: set[tuple[str, str]] = set()

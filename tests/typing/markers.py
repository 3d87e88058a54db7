"""Read by the checkers only: markers fit each type as defaults, and know their options."""

from typing import Annotated

from signette import App, Body, Cookie, File, Form, Header, Path, Query, UploadFile

app = App()


@app.post("/items/{item_id}")
async def old_style(
    item_id: int = Path(ge=1),
    q: str = Query("all", min_length=2),
    tags: list[str] = Query(default_factory=list),
    x_token: str | None = Header(None, convert_underscores=False),
    session: str = Cookie(alias="sid"),
    name: str = Form(allow_empty=True),
    photo: UploadFile = File(max_bytes=10),
) -> int:
    return item_id


@app.put("/items")
async def annotated(count: Annotated[int, Body(embed=True)], at: Annotated[int, Query(le=3)] = 1) -> int:
    return count


Query(min_lenght=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Query(max_bytes=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

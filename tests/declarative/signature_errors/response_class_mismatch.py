from pydantic import BaseModel

from signette import App, HTMLResponse


class Page(BaseModel):
    title: str


async def page() -> Page: ...


def declare(app: App) -> None:
    app.get("/", response_class=HTMLResponse)(page)

from signette import App, HTMLResponse


async def page() -> str: ...


def declare(app: App) -> None:
    app.get("/", response_class=HTMLResponse)(page)

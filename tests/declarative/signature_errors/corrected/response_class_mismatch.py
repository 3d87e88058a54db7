from signette import App, HTMLResponse


async def page() -> str:
    return "<h1>Welcome</h1>"


def declare(app: App) -> None:
    app.get("/", response_class=HTMLResponse)(page)

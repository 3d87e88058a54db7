from signette import App, RedirectResponse


async def leave() -> str:
    return "/log-in"


def declare(app: App) -> None:
    app.post("/log-out", response_class=RedirectResponse)(leave)

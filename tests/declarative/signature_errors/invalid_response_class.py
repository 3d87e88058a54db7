from signette import App


async def page() -> str: ...


def declare(app: App) -> None:
    app.get("/", response_class="html")(page)  # type: ignore[arg-type]  # the error

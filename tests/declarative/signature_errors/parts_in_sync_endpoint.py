from signette import App, Parts


def archive(parts: Parts) -> list[str]:
    return [part.name for part in parts]  # type: ignore[attr-defined]


def declare(app: App) -> None:
    app.post("/archive")(archive)

from typing import Annotated

from signette import App, Form


async def rows(name: Annotated[str, Form()]) -> None: ...


def declare(app: App) -> None:
    app.post("/rows", form_limits={"max_field": 3})(rows)  # type: ignore[typeddict-unknown-key]  # the error

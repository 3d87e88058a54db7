from typing import Annotated

from signette import App, Form


async def rows(name: Annotated[str, Form()]) -> None: ...


def declare(app: App) -> None:
    app.post("/rows", form_limits={"max_fields": 3})(rows)

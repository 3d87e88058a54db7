from typing import Annotated

from signette import App
from signette.state import Purpose, Store


async def save(drafts: Annotated[Store, Purpose("drafts"), Purpose("backup")]) -> None: ...


def declare(app: App) -> None:
    app.post("/drafts")(save)

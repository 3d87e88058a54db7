from typing import Annotated

from signette import App
from signette.state import MemoryStore, Purpose


async def save(drafts: Annotated[MemoryStore, Purpose("drafts")]) -> None: ...


def declare(app: App) -> None:
    app.post("/drafts")(save)

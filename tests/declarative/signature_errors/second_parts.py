from typing import Annotated

from signette import App, Depends, Parts


async def count(parts: Parts) -> int:
    return len([part async for part in parts])


async def archive(parts: Parts, number: Annotated[int, Depends(count)]) -> None: ...


def declare(app: App) -> None:
    app.post("/archive")(archive)

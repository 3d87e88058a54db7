from typing import Annotated

from signette import App, Depends


def settings() -> dict[str, int]:
    return {"size": 3}


def pool(settings: Annotated[dict[str, int], Depends(settings, scope="app")]) -> list[int]:
    return [settings["size"]]


async def rows(pool: Annotated[list[int], Depends(pool, scope="app")]) -> None: ...


def declare(app: App) -> None:
    app.get("/rows")(rows)

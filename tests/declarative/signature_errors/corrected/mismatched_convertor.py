from uuid import UUID

from signette import App


async def item(item_id: UUID) -> None: ...


def declare(app: App) -> None:
    app.get("/items/{item_id:uuid}")(item)

import threading
from typing import Annotated, Any

from signette import App, Depends

lock = threading.Lock()


def shared_lock() -> Any:
    return lock


async def items(lock: Annotated[Any, Depends(shared_lock)]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

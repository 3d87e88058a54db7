import threading
from typing import Annotated, Any

from signette import App, Query


async def items(lock: Annotated[Any, Query()] = threading.Lock()) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

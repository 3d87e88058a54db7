from typing import Annotated

from annotated_types import Ge

from signette import App, Depends


async def current_page() -> int:
    return 1


async def items(page: Annotated[int, Ge(1), Depends(current_page)]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

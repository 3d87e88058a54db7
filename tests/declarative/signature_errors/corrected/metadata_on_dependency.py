from typing import Annotated

from annotated_types import Ge

from signette import App, Depends


async def current_page(page: Annotated[int, Ge(1)] = 1) -> int:
    return page


async def items(page: Annotated[int, Depends(current_page)]) -> None: ...


def declare(app: App) -> None:
    app.get("/items")(items)

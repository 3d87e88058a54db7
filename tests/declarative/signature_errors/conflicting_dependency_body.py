from typing import Annotated

from signette import App, Depends


async def signed(signature: dict[str, str]) -> bool:
    return bool(signature)


async def order(item: dict[str, str], is_signed: Annotated[bool, Depends(signed)]) -> None: ...


def declare(app: App) -> None:
    app.post("/orders")(order)

from typing import Annotated

from signette import App, Body, Depends


async def signed(signature: Annotated[dict[str, str], Body(embed=True)]) -> bool:
    return bool(signature)


async def order(
    item: Annotated[dict[str, str], Body(embed=True)], is_signed: Annotated[bool, Depends(signed)]
) -> None: ...


def declare(app: App) -> None:
    app.post("/orders")(order)

"""A cached operation with a tag of a path parameter, whose endpoint adds another."""

from typing import Annotated

from signette import App, Depends, Header
from signette.policies import Cached, CacheState

app = App()


async def user_id(x_user: Annotated[str, Header()]) -> str:
    return x_user


@app.get("/shops/{shop}", policies=[Cached(60, by=user_id, tags=["shop:{shop}"], stale_while_revalidate=10)])
async def read(shop: int, user: Annotated[str, Depends(user_id)], state: CacheState) -> list[int]:
    await state.tag(f"user:{user}")
    return [shop]

"""An idempotent operation, whose endpoint takes the key and the cache."""

from typing import Annotated

from signette import App, Depends, Header
from signette.policies import Cache, IdempotencyKey, Idempotent

app = App()


async def user_id(x_user: Annotated[str, Header()]) -> str:
    return x_user


@app.post("/orders", policies=[Idempotent(by=user_id, required=True)])
async def create(user: Annotated[str, Depends(user_id)], key: IdempotencyKey, cache: Cache) -> str:
    await cache.invalidate(f"user:{user}")
    return f"{user} {key.value}"

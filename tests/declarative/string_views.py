"""A class-based view whose annotations are strings."""

from __future__ import annotations

from typing import Annotated, Any

from signette import Depends, Router
from signette.cbv import cbv

router = Router()


class Store:
    name = "store"


Identifier = int


def store() -> Store:
    return Store()


@cbv(router)
class Views:
    store: Annotated[Store, Depends(store)]

    @router.get("/items/{item_id}")
    async def read(self, item_id: Identifier) -> dict[str, Any]:
        return {"id": item_id, "store": self.store.name}

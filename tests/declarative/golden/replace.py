"""A guard, which runs before the body is read; a JSON body; a problem among the responses; injected values."""

from typing import Annotated

from pydantic import BaseModel

from signette import App, BackgroundTasks, Depends, Header, Problem, Response, Security

app = App(openapi_url=None)


class Item(BaseModel):
    name: str
    price: float


class NotFound(Problem, status=404):
    """There is no such item."""

    item_id: int


async def current_user(authorization: Annotated[str, Header()]) -> str:
    return authorization


def audit(user: Annotated[str, Security(current_user)], background: BackgroundTasks) -> None:
    background.add_task(print, user)


@app.put("/items/{item_id}", dependencies=[Depends(audit)])
async def replace(
    item_id: int, item: Item, user: Annotated[str, Security(current_user)], response: Response
) -> Item | NotFound:
    response.headers["x-user"] = user
    return item if item_id else NotFound(item_id=item_id)

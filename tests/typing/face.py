"""Read by type checkers only, never run: what an application's author sees of signette's types.

`assert_type` holds what is inferred; an ignored error must be there, as unused ignores are errors themselves.
"""

from typing import Annotated, assert_type

import signette
from signette import (
    App,
    BackgroundTasks,
    Created,
    Depends,
    HTTPException,
    JSONResponse,
    Limits,
    Mount,
    Problem,
    Query,
    Request,
    Response,
    Route,
    Router,
)


class OutOfStock(Problem, status=409):
    """There are fewer pieces left than were ordered."""

    sku: str
    left: int


async def plain(request: Request) -> Response:
    assert_type(request.method, str)
    assert_type(await request.body(), bytes)
    return JSONResponse({"path": request.url.path})


def current_user(token: Annotated[str, Query()]) -> str:
    return token


app = App(routes=[Route("/plain", plain), Mount("/inner", routes=[])], limits=Limits(json_bytes=None))
router = Router(prefix="/orders")


@app.get("/items/{item_id}")
async def read(item_id: int, user: Annotated[str, Depends(current_user)]) -> dict[str, int]:
    if not user:
        raise HTTPException(404, "no such item")
    return {"item_id": item_id}


@router.post("/")
def order(sku: str, tasks: BackgroundTasks) -> Created[dict[str, str]] | OutOfStock:
    tasks.add_task(print, sku)
    if sku == "A-1":
        return OutOfStock(sku=sku, left=2)
    return Created({"sku": sku})


async def use_them() -> None:
    # A decorated handler stays the function that was written: it can be called, and tested, as such.
    assert_type(await read(3, "ann"), dict[str, int])
    assert_type(order("A-1", BackgroundTasks()), Created[dict[str, str]] | OutOfStock)


assert_type(OutOfStock(sku="A-1", left=2).left, int)
OutOfStock(sku="A-1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # `left` is missing
signette.Aplication  # type: ignore[attr-defined]  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

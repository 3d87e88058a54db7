"""A 201 whose `Location` is of a resource that does not exist: the prefix is missing."""

from signette import App, Created, Router

app = App()
router = Router(prefix="/shop")


@router.post("/orders")
async def create_order() -> Created[int]:
    return Created(1, headers={"Location": "/orders/1"})


@router.get("/orders/{number}")
async def read_order(number: int) -> int:
    return number


app.include_router(router)
REPORTED = {("location", "POST /shop/orders")}

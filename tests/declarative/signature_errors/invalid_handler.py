from signette import App, Response, Router
from signette.responses import PlainTextResponse


class OutOfStock(Exception): ...


async def out_of_stock(exc: OutOfStock) -> Response:
    return PlainTextResponse("out of stock", 409)


def declare(app: App) -> None:
    app.include_router(Router(exception_handlers={OutOfStock: out_of_stock}))

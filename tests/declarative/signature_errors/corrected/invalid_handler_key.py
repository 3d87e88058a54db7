from signette import App, Request, Response, Router
from signette.responses import PlainTextResponse


class OutOfStock(Exception): ...


async def out_of_stock(request: Request, exc: Exception) -> Response:
    return PlainTextResponse("out of stock", 409)


def declare(app: App) -> None:
    app.include_router(Router(exception_handlers={OutOfStock: out_of_stock}))

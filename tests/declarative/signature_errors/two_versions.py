from signette import App, Router


async def orders() -> None: ...


def declare(app: App) -> None:
    router = Router(prefix="/orders", version="v1")
    router.get("")(orders)
    app.include_router(router, version="v2")

from signette import App, Router

router = Router()


async def pay(callback_url: str) -> None: ...


def declare(app: App) -> None:
    app.post("/pay", callbacks=router.routes)(pay)

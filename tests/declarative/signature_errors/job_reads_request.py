from signette import App, Request


async def send_receipt(order_id: int, request: Request) -> None: ...


def declare(app: App) -> None:
    app.job(send_receipt)

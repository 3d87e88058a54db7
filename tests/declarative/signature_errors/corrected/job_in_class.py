from signette import App


async def send_receipt(order_id: int) -> None: ...


def declare(app: App) -> None:
    app.job(send_receipt)

from signette import App


async def send_receipt(order_id: int) -> None: ...


def declare(app: App) -> None:
    app.job(retries=0)(send_receipt)

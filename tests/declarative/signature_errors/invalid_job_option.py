from signette import App


async def send_receipt(order_id: int) -> None: ...


def declare(app: App) -> None:
    app.job(retries=-1)(send_receipt)

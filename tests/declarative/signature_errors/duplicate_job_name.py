from signette import App


async def send_receipt(order_id: int) -> None: ...


async def send_invoice(order_id: int) -> None: ...


def declare(app: App) -> None:
    app.job(name="send")(send_receipt)
    app.job(name="send")(send_invoice)

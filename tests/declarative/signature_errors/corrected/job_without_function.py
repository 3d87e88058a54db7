from signette import App
from signette.jobs import Job


async def send_receipt(order_id: int) -> None: ...


async def pay(order_id: int, receipt: Job[send_receipt]) -> None:  # type: ignore[valid-type, type-arg]
    await receipt.enqueue(order_id=order_id)


def declare(app: App) -> None:
    app.job(send_receipt)
    app.post("/orders/{order_id}/payments")(pay)

from signette import App
from signette.jobs import Job


async def pay(order_id: int, receipt: Job) -> None:  # type: ignore[type-arg]
    await receipt.enqueue(order_id=order_id)


def declare(app: App) -> None:
    app.post("/orders/{order_id}/payments")(pay)

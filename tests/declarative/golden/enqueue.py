"""An endpoint that enqueues jobs, which the application provides."""

from signette import App
from signette.jobs import Job, Jobs

app = App()


@app.job
async def send_receipt(order_id: int) -> None: ...


@app.post("/orders/{order_id}/receipts")
async def receipt(order_id: int, job: Job[send_receipt], jobs: Jobs) -> None: ...  # type: ignore[valid-type, type-arg]

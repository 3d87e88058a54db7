"""Read by type checkers only, never run: jobs as an application's author enqueues them."""

from typing import assert_type

from signette import App, Depends, Router
from signette.jobs import JobHandle, JobRun, Jobs, Progress

app = App()
router = Router()


class Mailer:
    """A dependency."""


def key_of(title: str) -> str:
    return title


@app.job
async def send_receipt(order_id: int, copy: bool = False, mailer: Mailer = Depends(Mailer)) -> str:
    return f"{order_id} {copy} {mailer}"


@router.job(retries=3, retry_delay=0.5, timeout=None, key=key_of, result_ttl=60, name="index")
def index_book(title: str) -> int:
    return len(title)


@app.job
async def load(progress: Progress[float], run: JobRun) -> None:
    await progress.report(0.5)
    await progress.report("half")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert_type(run.attempt, int)


async def pay(order_id: int, jobs: Jobs) -> None:
    handle = await jobs.enqueue(send_receipt, order_id)
    assert_type(handle, JobHandle[str])
    assert_type(await handle.result(timeout=3), str)
    assert_type(await (await jobs.enqueue(index_book, title="Emma")).result(), int)
    assert_type(await (await app.jobs.options(delay=60, key="once").enqueue(send_receipt, order_id=1)).result(), str)
    assert_type(await jobs.handle(send_receipt, "id").result(), str)
    assert_type(await jobs.handle(index_book, "id").result(), int)


async def pay_wrongly(jobs: Jobs) -> None:
    await jobs.enqueue(send_receipt)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await jobs.enqueue(send_receipt, order_id="1")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    await jobs.enqueue(send_receipt, 1, delay=60)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await jobs.enqueue(index_book, titel="Emma")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    jobs.options(delay="60")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def call_directly() -> None:
    assert_type(await send_receipt(1), str)
    assert_type(index_book("Emma"), int)

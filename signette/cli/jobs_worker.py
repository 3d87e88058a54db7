"""`signette worker`: run the jobs of an application."""

import argparse
import logging
import signal
import subprocess
import sys
import time
from logging.config import dictConfig
from typing import Any

import anyio
from anyio.abc import TaskStatus

from signette.app import App
from signette.cli.errors import UsageError
from signette.cli.jobs import jobs_of
from signette.cli.loading import APP_HELP, load
from signette.cli.serving import count
from signette.declarative.jobs.streams import RECLAIM_SECONDS, check_taskiq
from signette.logging import json_config
from signette.types import Message

logger = logging.getLogger("signette.jobs")

STOPPING = (signal.SIGTERM, signal.SIGINT)
RESTART_SECONDS = 1.0


def add_worker(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `worker`."""
    parser.add_argument("app", help=APP_HELP)
    parser.add_argument("--workers", type=count, default=1, help="worker processes (%(default)s)")
    parser.add_argument(
        "--concurrency", type=count, default=10, help="how many jobs a process runs at once (%(default)s)"
    )
    parser.add_argument(
        "--reclaim-after",
        type=count,
        default=int(RECLAIM_SECONDS),
        metavar="SECONDS",
        help="when the jobs of a worker that was killed run again (%(default)s)",
    )
    parser.add_argument("--log-level", default="info", choices=["critical", "error", "warning", "info", "debug"])
    parser.add_argument("--log-format", default="text", choices=["text", "json"], help="of all logs (%(default)s)")
    parser.set_defaults(do=work)


def work(args: argparse.Namespace) -> int:
    """Run the jobs of an application until it is stopped: then finish those that have begun."""
    app: Any = load(args.app)
    check(app, args.app)
    level = args.log_level.upper()
    if args.log_format == "json":
        dictConfig(json_config(level))
    else:
        logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if args.workers > 1:
        return supervise(args)
    anyio.run(run, app, args.concurrency, float(args.reclaim_after))
    return 0


def check(app: Any, name: str) -> None:
    """Check that a worker can run the jobs of this application.

    Raises:
        UsageError: it has no jobs, they run in its own process, or a library is not installed.
        SignatureError: a job is not valid.
    """
    jobs_of(app, name)
    if app._jobs.is_in_memory:
        raise UsageError(
            f"jobs of `{name}` are in memory, and run in the process of the application\n"
            '  hint: name a server: `App(state="redis://localhost:6379/0")`'
        )
    try:
        check_taskiq()
    except ImportError as exc:
        raise UsageError(str(exc)) from None


async def run(app: App, concurrency: int, reclaim_seconds: float) -> None:
    """Run jobs in this process until SIGTERM or SIGINT."""
    stop = anyio.Event()
    async with anyio.create_task_group() as tasks:
        ended = await tasks.start(run_lifespan, app)
        signals = await tasks.start(set_at_signal, stop, tasks.cancel_scope)
        names = ", ".join(app._jobs.definitions)
        logger.info("the worker runs these jobs, %d at once: %s", concurrency, names)
        await app._jobs.work(stop, concurrency, reclaim_seconds)
        ended.set()
        signals.cancel()


async def set_at_signal(
    stop: anyio.Event, scope: anyio.CancelScope, *, task_status: TaskStatus[anyio.CancelScope]
) -> None:
    """Set the event at the first signal, and cancel the scope at the second one."""
    with anyio.CancelScope() as own, anyio.open_signal_receiver(*STOPPING) as signals:
        task_status.started(own)
        async for number in signals:
            if stop.is_set():
                scope.cancel()
            logger.info("%s: the worker finishes the jobs that have begun", signal.Signals(number).name)
            stop.set()


async def run_lifespan(app: App, *, task_status: TaskStatus[anyio.Event]) -> None:
    """Run the lifespan of an application as a server does, until the event that `task_status` gets is set."""
    end = anyio.Event()
    kinds = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Message:
        kind = next(kinds)
        if kind == "lifespan.shutdown":
            await end.wait()
        return {"type": kind}

    async def send(message: Message) -> None:
        if message["type"] == "lifespan.startup.complete":
            task_status.started(end)

    await app({"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}, receive, send)


def supervise(args: argparse.Namespace) -> int:
    """Run several worker processes, and start another one for each that ends unexpectedly."""
    command = [
        *(sys.executable, "-m", "signette", "worker", args.app),
        *("--log-level", args.log_level, "--log-format", args.log_format),
        *("--concurrency", str(args.concurrency), "--reclaim-after", str(args.reclaim_after)),
    ]
    is_stopping = False

    def stop(number: int, _: object) -> None:
        nonlocal is_stopping
        is_stopping = True
        for each in processes:
            each.send_signal(number)

    def start() -> "subprocess.Popen[bytes]":
        # Its own session: the signals of a terminal come once, from here.
        return subprocess.Popen(command, start_new_session=True)  # noqa: S603 - this program

    processes = [start() for _ in range(args.workers)]
    for number in STOPPING:
        signal.signal(number, stop)
    while True:
        for index, process in enumerate(processes):
            status = process.poll()
            if status is not None and not is_stopping:
                logger.error("worker process %d ended with status %d; another one is started", process.pid, status)
                processes[index] = start()
        if is_stopping and all(each.poll() is not None for each in processes):
            return 0
        time.sleep(RESTART_SECONDS if not is_stopping else 0.05)

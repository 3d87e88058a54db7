"""`signette run --server hypercorn`."""

import asyncio
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from signette.cli.server_options import ServerOptions, export, missing, reject
from signette.cli.worker import FACTORY, application
from signette.logging import json_config


def serve_hypercorn(options: ServerOptions) -> int:
    """Serve an application with hypercorn until it is stopped."""
    try:
        from hypercorn.asyncio import serve  # noqa: PLC0415 - an extra: only this command needs it
        from hypercorn.config import Config  # noqa: PLC0415
        from hypercorn.run import run  # noqa: PLC0415
    except ImportError:
        raise missing("hypercorn", "hypercorn") from None
    reject("hypercorn", {"--reload": options.reload}, "use uvicorn for development")
    reject(
        "hypercorn",
        {"--forwarded-allow-ips": options.forwarded_allow_ips},
        "put `hypercorn.middleware.ProxyFixMiddleware` around the application",
    )
    config: Any = Config()
    config.bind = [f"[{options.host}]:{options.port}" if ":" in options.host else f"{options.host}:{options.port}"]
    config.root_path = options.root_path
    config.graceful_timeout = options.graceful_timeout
    config.loglevel = options.log_level
    config.accesslog = "-" if options.access_log else None
    config.errorlog = "-"
    if options.log_format == "json":
        config.logconfig_dict = json_config(options.log_level.upper())
    if options.workers == 1:
        export(options)
        asyncio.run(_serve(serve, config))
        return 0
    reject(
        "several processes of hypercorn",
        {"--drain-delay": options.drain_delay},
        "they stop accepting at once; use one process each, or wait before SIGTERM",
    )
    # Its workers have no handler for SIGTERM, and would end in the middle of a request.
    export(options, without_handler=True)
    config.workers = options.workers
    config.application_path = f"{FACTORY}()"
    with _forwarded_signals():
        status: int = run(config)
    return status


@contextmanager
def _forwarded_signals() -> Iterator[None]:
    """Send SIGTERM to the workers when this process gets a signal: hypercorn only sets an event, which they poll."""
    reading, writing = socket.socketpair()
    writing.setblocking(False)

    def forward() -> None:
        while number := reading.recv(1):
            if number[0] in {signal.SIGTERM, signal.SIGINT}:
                for pid in [worker.pid for worker in multiprocessing.active_children() if worker.pid]:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGTERM)

    with reading, writing:
        thread = threading.Thread(target=forward, daemon=True)
        thread.start()
        # Not a handler, as hypercorn sets its own later.
        before = signal.set_wakeup_fd(writing.fileno())
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            writing.close()  # ends the thread
            thread.join()


async def _serve(serve: Any, config: Any) -> None:
    """Serve in this process, until a signal."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def handle(_: int, __: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop.set)

    # Not `add_signal_handler`, which acts before `drain_on_signals` could wait.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
    await serve(application(), config, shutdown_trigger=stop.wait)

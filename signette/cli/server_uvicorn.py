"""`signette run --server uvicorn`."""

from typing import Any

from signette.cli.errors import UsageError
from signette.cli.server_options import ServerOptions, export, missing
from signette.cli.worker import FACTORY
from signette.logging import json_config


def serve_uvicorn(options: ServerOptions) -> int:
    """Serve an application with uvicorn until it is stopped."""
    try:
        import uvicorn  # noqa: PLC0415 - an extra: only this command needs it
    except ImportError:
        raise missing("uvicorn", "server") from None
    if options.reload and options.workers > 1:
        raise UsageError("`--reload` works with one process only\n  hint: remove `--workers`")
    export(options)
    more: dict[str, Any] = {}
    if options.log_format == "json":
        more["log_config"] = json_config(options.log_level.upper())
    uvicorn.run(
        FACTORY,
        factory=True,
        host=options.host,
        port=options.port,
        reload=options.reload,
        workers=options.workers if options.workers > 1 else None,
        root_path=options.root_path,
        log_level=options.log_level,
        access_log=options.access_log,
        forwarded_allow_ips=options.forwarded_allow_ips,
        app_dir=None,
        # Without it, an endless stream would keep the server from stopping.
        timeout_graceful_shutdown=options.graceful_timeout,
        **more,
    )
    return 0


def serve_app(app: Any, host: str, port: int) -> int:
    """Serve an application of this process, without workers and restarts, until it is stopped."""
    try:
        import uvicorn  # noqa: PLC0415 - an extra
    except ImportError:
        raise missing("uvicorn", "server") from None
    uvicorn.run(app, host=host, port=port, log_level="info")
    return 0

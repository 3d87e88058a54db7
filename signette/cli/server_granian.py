"""`signette run --server granian`."""

import socket
from contextlib import closing
from typing import Any

from signette.cli.server_options import ServerOptions, export, missing, reject
from signette.cli.worker import FACTORY
from signette.logging import json_config


def serve_granian(options: ServerOptions) -> int:
    """Serve an application with granian until it is stopped."""
    try:
        from granian import Granian  # noqa: PLC0415 - an extra: only this command needs it
    except ImportError:
        raise missing("granian", "granian") from None
    reject("granian", {"--reload": options.reload}, "use uvicorn for development")
    reject(
        "granian",
        {"--drain-delay": options.drain_delay},
        "it stops accepting at once; wait before SIGTERM, as with `preStop` in Kubernetes",
    )
    reject(
        "granian",
        {"--forwarded-allow-ips": options.forwarded_allow_ips},
        "put `granian.utils.proxies.wrap_asgi_with_proxy_headers` around the application",
    )
    export(options)
    more: dict[str, Any] = {}
    if options.log_format == "json":
        more["log_dictconfig"] = json_config(options.log_level.upper())
    server: Any = Granian(
        FACTORY,
        factory=True,
        interface="asgi",  # type: ignore[arg-type,unused-ignore]  # a member of an enumeration of strings
        address=options.host,
        port=options.port or _free_port(options.host),
        workers=options.workers,
        url_path_prefix=options.root_path or None,
        log_level=options.log_level,  # type: ignore[arg-type,unused-ignore]
        log_access=options.access_log,
        # Without it, an endless stream would keep the server from stopping.
        workers_kill_timeout=options.exit_timeout,
        **more,
    )
    server.serve()
    return 0


def _free_port(host: str) -> int:
    """A port that is free now: granian does not report which one it has chosen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as free:
        free.bind((host, 0))
        port: int = free.getsockname()[1]
        return port

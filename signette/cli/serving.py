"""`signette run` and `signette dev`: serve an application with uvicorn, granian or hypercorn."""

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Any

from signette.cli.colors import ADDRESS, show
from signette.cli.loading import APP_HELP, asgi_application, find_application, import_string
from signette.cli.server_granian import serve_granian
from signette.cli.server_hypercorn import serve_hypercorn
from signette.cli.server_options import ServerOptions, options_of
from signette.cli.server_uvicorn import serve_uvicorn
from signette.cli.shared_state import warning_of

# The servers by the names of `--server`. Each is imported in its own module.
SERVERS: Mapping[str, Callable[[ServerOptions], int]] = {
    "uvicorn": serve_uvicorn,
    "granian": serve_granian,
    "hypercorn": serve_hypercorn,
}


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `run`."""
    parser.add_argument("app", help=APP_HELP)
    parser.add_argument("--server", choices=SERVERS, default="uvicorn", help="the server (%(default)s)")
    _add_address(parser)
    parser.add_argument("--reload", action="store_true", help="restart when a file changes, for development")
    parser.add_argument("--workers", type=count, default=1, help="worker processes (%(default)s); not with --reload")
    _add_server(parser)
    _add_operation(parser)
    parser.set_defaults(do=serve)


def add_dev(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `dev`."""
    parser.add_argument("app", nargs="?", help=f"{APP_HELP}; default: main.py, app.py or api.py, also in `app/`")
    _add_address(parser)
    _add_server(parser)
    parser.set_defaults(
        do=develop, server="uvicorn", reload=True, workers=1, drain_delay=0, forwarded_allow_ips=None,
        log_format="text", access_log=True,
    )  # fmt: skip


def _add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s: this machine only)")
    parser.add_argument(
        "--port", type=port, default=8000, help="port to listen on; 0 chooses a free port (%(default)s)"
    )


def _add_server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--root-path", default="", help="path prefix that a proxy strips, for generated URLs")
    parser.add_argument(
        "--graceful-timeout",
        type=count,
        default=10,
        metavar="SECONDS",
        help="on shutdown, seconds to wait for open responses (%(default)s)",
    )
    parser.add_argument("--log-level", default="info", choices=["critical", "error", "warning", "info", "debug"])


def _add_operation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--drain-delay",
        type=seconds,
        default=0,
        metavar="SECONDS",
        help="on SIGTERM, seconds in which /readyz responds 503 before the server stops accepting (%(default)s)",
    )
    parser.add_argument(
        "--forwarded-allow-ips",
        metavar="ADDRESSES",
        help="addresses and networks of proxies, with commas between, whose X-Forwarded-* headers are trusted",
    )
    parser.add_argument("--log-format", default="text", choices=["text", "json"], help="of all logs (%(default)s)")
    parser.add_argument(
        "--no-access-log", dest="access_log", action="store_false", help="do not log each request in the server"
    )


def port(text: str) -> int:
    """Parse a port number."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def count(text: str) -> int:
    """Parse a positive whole number."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return int(text)


def seconds(text: str) -> int:
    """Parse a whole number of seconds."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number of seconds, not {text!r}")
    return int(text)


def develop(args: argparse.Namespace) -> int:
    """Serve an application for development: find it, restart when a file changes, print its addresses."""
    args.app = args.app or find_application()
    app = asgi_application(args.app)
    if args.port:
        lines = addresses(app, f"http://{args.host}:{args.port}{args.root_path}")
        show("\n".join(lines), ADDRESS, file=sys.stderr)
    return serve(args)


def addresses(app: Any, url: str) -> list[str]:
    """Lines with the addresses of an API and of its docs."""
    pages = (("API docs", "docs_url"), ("OpenAPI", "openapi_url"))
    lines = [f"{word:8}  {url}{path}" for word, name in pages if (path := getattr(app, name, None))]
    return [f"{'API':8}  {url}", *lines]


def serve(args: argparse.Namespace) -> int:
    """Serve an application until it is stopped."""
    target = import_string(args.app)
    app = asgi_application(target)  # raise errors here, not in a process that is restarted again and again
    if (warning := warning_of(app, args.workers)) is not None:
        print(warning, file=sys.stderr)
    return SERVERS[args.server](options_of(args, target))

"""`signette run` and `signette dev`: serve an application with uvicorn."""

import argparse
import sys
from typing import Any

from signette.cli.colors import ADDRESS, show
from signette.cli.errors import UsageError
from signette.cli.loading import APP_HELP, asgi_application, find_application, import_string


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `run`."""
    parser.add_argument("app", help=APP_HELP)
    _add_address(parser)
    parser.add_argument("--reload", action="store_true", help="restart when a file changes, for development")
    parser.add_argument("--workers", type=count, default=1, help="worker processes (%(default)s); not with --reload")
    _add_server(parser)
    parser.set_defaults(do=serve)


def add_dev(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `dev`."""
    parser.add_argument("app", nargs="?", help=f"{APP_HELP}; default: main.py, app.py or api.py, also in `app/`")
    _add_address(parser)
    _add_server(parser)
    parser.set_defaults(do=develop, reload=True, workers=1)


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
    """Serve an application with uvicorn until it is stopped."""
    try:
        import uvicorn  # noqa: PLC0415 - an extra: only this command needs it
    except ImportError:
        raise UsageError("`run` needs uvicorn\n  hint: pip install 'signette[server]'") from None
    if args.reload and args.workers > 1:
        raise UsageError("`--reload` works with one process only\n  hint: remove `--workers`")
    target = import_string(args.app)
    asgi_application(args.app)  # raise errors here, not in a process that is restarted again and again
    uvicorn.run(
        target,
        host=args.host,
        port=args.port,
        reload=args.reload,
        workers=args.workers if args.workers > 1 else None,
        root_path=args.root_path,
        log_level=args.log_level,
        app_dir=None,
        # Without it, an endless stream would keep the server from stopping.
        timeout_graceful_shutdown=args.graceful_timeout,
    )
    return 0

"""The command `signette`: run an application, list and explain its routes, print its OpenAPI document, port to it."""

import argparse
import importlib
import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from signette._version import __version__
from signette.applications import Application
from signette.declarative.errors.base import SignatureError
from signette.declarative.inspection.explain import explain, route_of, typed_routes
from signette.declarative.inspection.plan_json import describe_plan
from signette.port.options import add_options
from signette.routing.host import Host
from signette.routing.mount import Mount
from signette.routing.websocket import WebSocketRoute

APP_HELP = "the application: `module:name`, `module` (its `app`), or a file: `shop/main.py` or `shop/main.py:api`"

EPILOG = """\
examples:
  signette run shop.main:app --reload     serve it on http://127.0.0.1:8000, restart on changes
  signette routes shop.main:app           list routes with their methods, names and endpoints
  signette explain shop.main:app "GET /items/{item_id}"
                                          show what the route does for a request, step by step
  signette openapi shop.main:app -o openapi.json
  signette port --diff shop tests         show how imports of FastAPI and Starlette become imports of signette
"""


class UsageError(Exception):
    """An error on the command line. Its text has the problem and a hint."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 for success, 2 for an error in the command line or application."""
    args = make_parser().parse_args(arguments)
    try:
        status: int = args.do(args)
        sys.stdout.flush()  # so that a failed write is raised here, not at exit
    except (UsageError, SignatureError) as exc:
        print(f"signette: {exc}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # `signette routes ... | head` ends like this. Without /dev/null Python prints a second error at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130  # as in shells: 128 plus the number of the signal
    return status


def make_parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="signette",
        description="Run and inspect signette applications.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"signette {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="serve an application with uvicorn", description=serve.__doc__))

    routes = commands.add_parser("routes", help="list the routes", description=list_routes.__doc__)
    routes.add_argument("app", help=APP_HELP)
    routes.set_defaults(do=list_routes)

    explained = commands.add_parser(
        "explain", help="show what a route does for a request", description=explain_route.__doc__
    )
    explained.add_argument("app", help=APP_HELP)
    explained.add_argument(
        "operation",
        nargs="?",
        help='"GET /items/{item_id}", or a real path: "GET /items/3"; default: all routes',
    )
    form = explained.add_mutually_exclusive_group()
    form.add_argument("--source", action="store_true", help="also print the source of the generated binder")
    form.add_argument("--json", action="store_true", help="print JSON in the format of schemas/plan.schema.json")
    explained.set_defaults(do=explain_route)

    openapi = commands.add_parser("openapi", help="print the OpenAPI document", description=print_document.__doc__)
    openapi.add_argument("app", help=APP_HELP)
    openapi.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to a file instead of standard output")
    openapi.add_argument("--indent", type=int, default=2, help="spaces per level; 0 for one line (%(default)s)")
    openapi.set_defaults(do=print_document)

    ported = commands.add_parser(
        "port", help="rewrite imports of FastAPI and Starlette", description=port_imports.__doc__
    )
    add_options(ported)
    ported.set_defaults(do=port_imports)
    return parser


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("app", help=APP_HELP)
    run.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s: this machine only)")
    run.add_argument("--port", type=port, default=8000, help="port to listen on; 0 chooses a free port (%(default)s)")
    run.add_argument("--reload", action="store_true", help="restart when a file changes, for development")
    run.add_argument("--workers", type=count, default=1, help="worker processes (%(default)s); not with --reload")
    run.add_argument("--root-path", default="", help="path prefix that a proxy strips, for generated URLs")
    run.add_argument(
        "--graceful-timeout",
        type=count,
        default=10,
        metavar="SECONDS",
        help="on shutdown, seconds to wait for open responses (%(default)s)",
    )
    run.add_argument("--log-level", default="info", choices=["critical", "error", "warning", "info", "debug"])
    run.set_defaults(do=serve)


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


def list_routes(args: argparse.Namespace) -> int:
    """List the routes in matching order: methods, path, name, endpoint."""
    rows = list(rows_of(load(args.app).routes))
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip())
    return 0


def rows_of(routes: Sequence[Any], prefix: str = "") -> list[tuple[str, str, str, str]]:
    """Methods, path, name and endpoint of each route. Routes of a mount follow the mount."""
    rows = []
    for route in routes:
        path = f"{prefix}{getattr(route, 'path', None) or getattr(route, 'host', '')}"
        methods = getattr(route, "methods", None)
        kind = ",".join(sorted(methods)) if methods else kind_of(route)
        endpoint = getattr(route, "endpoint", None) or getattr(route, "mounted_app", None)
        where = f"{getattr(endpoint, '__module__', '')}.{getattr(endpoint, '__qualname__', type(endpoint).__name__)}"
        rows.append((kind, path, getattr(route, "name", None) or "", where))
        if not methods and getattr(route, "routes", None):
            rows += rows_of(route.routes, path)
    return rows


def kind_of(route: Any) -> str:
    """The word to show for a route without methods."""
    kinds = {WebSocketRoute: "WEBSOCKET", Mount: "MOUNT", Host: "HOST"}
    return next((word for kind, word in kinds.items() if isinstance(route, kind)), "ANY")


def explain_route(args: argparse.Namespace) -> int:
    """Show what a route does for a request: which values it reads, what it calls, and which responses it sends."""
    app = load(args.app)
    planned = [route for _, route in typed_routes(app.routes)]
    if not planned:
        raise UsageError(f"`{args.app}` has no typed routes\n  hint: `signette routes {args.app}` lists all routes")
    if args.operation is None:
        if args.json:
            _print_json([describe_plan(route.plan) for route in planned])
            return 0
        print("\n\n".join(route.explain(source=args.source) for route in planned))
        return 0
    try:
        if args.json:
            _print_json(describe_plan(route_of(app, args.operation).plan))
            return 0
        print(explain(app, args.operation, source=args.source))
    except LookupError as exc:
        raise UsageError(f"{exc.args[0]}\n  hint: `signette routes {args.app}` lists all routes") from None
    return 0


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_document(args: argparse.Namespace) -> int:
    """Print the OpenAPI document of an application."""
    app = load(args.app)
    if not hasattr(app, "openapi"):
        raise UsageError(
            f"`{args.app}` is a plain application without an OpenAPI document\n  hint: make it a `signette.App`"
        )
    text = json.dumps(app.openapi(), indent=args.indent or None, ensure_ascii=False) + "\n"
    if args.output is None:
        sys.stdout.write(text)
        return 0
    try:
        args.output.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise UsageError(
            f"cannot write `{args.output}`: {exc.strerror}\n  hint: name a file in an existing folder"
        ) from None
    return 0


def port_imports(args: argparse.Namespace) -> int:
    """Rewrite the imports of FastAPI and Starlette to signette, and list what is left to do."""
    for path in args.paths:
        if not path.exists():
            raise UsageError(f"no file or folder `{path}`\n  hint: write the path relative to this folder")
    try:
        command = importlib.import_module("signette.port.command")
    except ModuleNotFoundError as exc:
        if exc.name != "libcst":
            raise
        raise UsageError("`port` needs libcst\n  hint: pip install 'signette[port]'") from None
    status: int = command.port(args)
    return status


# -- finding the application -------------------------------------------------------------------------------------------


def import_string(name: str) -> str:
    """Turn the application's name into `module:attribute`, and make the module's folder importable.

    Raises:
        UsageError: there is no such file or module.
    """
    drive, rest = name[:2], name[2:]  # the colon of `C:\shop\main.py` does not end the module
    if not (drive[:1].isalpha() and drive[1:] == ":" and rest[:1] in {"\\", "/"}):
        drive, rest = "", name
    module, _, attribute = rest.partition(":")
    module = drive + module
    if not module:
        raise UsageError(f"`{name}` has no module name\n  hint: write `module:name`, or the path of a file")
    if module.endswith(".py") or "/" in module or os.sep in module:
        module = _module_of_file(Path(module))
    elif "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
        _export_path(Path.cwd())
    return f"{module}:{attribute or _attribute_in(module)}"


def asgi_application(name: str) -> Any:
    """Import an ASGI application: a `signette.App`, or one that is wrapped in middleware by hand.

    Raises:
        UsageError: there is no application of this name.
    """
    module_name, _, attribute = import_string(name).partition(":")
    module = _import(module_name)
    app = getattr(module, attribute, None)
    if callable(app) and not isinstance(app, type):
        return app
    if app is not None:
        raise _not_an_application(f"{module_name}:{attribute}", app)
    found = _applications_of(module)
    hint = f"use one that it has: `{module_name}:{found[0]}`" if found else "add one: `app = App()`"
    raise UsageError(f"module `{module_name}` has no attribute `{attribute}`\n  hint: {hint}")


def _not_an_application(name: str, value: Any) -> UsageError:
    return UsageError(
        f"`{name}` is not an application: its type is `{type(value).__name__}`\n  hint: name a `signette.App`"
    )


def load(name: str) -> Application:
    """Import an application without the middleware that wraps it.

    Raises:
        UsageError: there is no application of this name.
    """
    app = asgi_application(name)
    while not isinstance(app, Application):
        inner = getattr(app, "app", None)
        if inner is None:
            raise _not_an_application(name, app)
        app = inner
    return app


def _import(module: str) -> Any:
    if "" in module.split("."):
        raise UsageError(f"`{module}` is not a module name\n  hint: write it as in an import: `shop.main`")
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as exc:
        if exc.name is None or not f"{module}.".startswith(f"{exc.name}."):
            raise  # the module exists, but one of its imports does not
        raise UsageError(
            f"no module named `{module}`\n  hint: run the command in the folder that contains it"
        ) from None


def _applications_of(module: Any) -> list[str]:
    """Names of the applications in a module, one name per application."""
    found = {id(value): str(name) for name, value in reversed(vars(module).items()) if isinstance(value, Application)}
    return list(reversed(found.values()))


def _attribute_in(module: str) -> str:
    """`app`, or the name of the only application in the module."""
    loaded = _import(module)
    found = _applications_of(loaded)
    if hasattr(loaded, "app") or not found:
        return "app"
    if len(found) > 1:
        raise UsageError(
            f"module `{module}` has several applications: {', '.join(found)}\n  hint: choose one: `{module}:{found[0]}`"
        )
    return found[0]


def _module_of_file(file: Path) -> str:
    """The dotted module name of a file. Puts the folder above its package on `sys.path`."""
    file = file.resolve()
    if file.is_dir():
        file /= "__init__.py"
    if not file.is_file():
        raise UsageError(
            f"no file `{file.name}` in folder `{file.parent.name}`\n  hint: write the path relative to this folder"
        )
    parts = [] if file.stem == "__init__" else [file.stem]
    folder = file.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    if parts[0] in sys.stdlib_module_names:
        raise UsageError(f"`{parts[0]}` is the name of a standard library module\n  hint: rename the file")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    _export_path(folder)
    return ".".join(parts)


def _export_path(folder: Path) -> None:
    """Add the folder to PYTHONPATH, for the processes that uvicorn starts for workers and reloads."""
    known = os.environ.get("PYTHONPATH", "")
    if str(folder) not in known.split(os.pathsep):
        os.environ["PYTHONPATH"] = os.pathsep.join(part for part in (str(folder), known) if part)


if __name__ == "__main__":
    raise SystemExit(main())

"""The command `signette`: serve an application, list its routes, explain one of them, print the document."""

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
from signette.routing.host import Host
from signette.routing.mount import Mount
from signette.routing.websocket import WebSocketRoute

APP_HELP = (
    "the application: `module:name`, `module` (its `app`), or a path to a file, `shop/main.py` or `shop/main.py:api`"
)

EPILOG = """\
a first session:
  signette run shop.main:app --reload     serve it on http://127.0.0.1:8000, anew after each change
  signette routes shop.main:app           each route with its methods, name and endpoint
  signette explain shop.main:app "GET /items/{item_id}"
                                          what happens at a request, step by step
  signette openapi shop.main:app -o openapi.json
"""


class UsageError(Exception):
    """Something on the command line cannot be done. Its text says what, and how to mend it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 where it did what was asked, 2 where the command line or the application must change."""
    parser = make_parser()
    said = parser.parse_args(arguments)
    try:
        status: int = said.do(said)
        sys.stdout.flush()  # what cannot be written is told here, and not by Python at exit
    except (UsageError, SignatureError) as exc:
        print(f"signette: {exc}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # `signette routes ... | head` ends like this; Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130  # as shells count: 128 and the signal's number
    return status


def make_parser() -> argparse.ArgumentParser:
    """The command's grammar, with help that teaches."""
    parser = argparse.ArgumentParser(
        prog="signette",
        description="Serve and inspect signette applications.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"signette {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="serve an application with uvicorn", description=serve.__doc__)
    run.add_argument("app", help=APP_HELP)
    run.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s: this machine alone)")
    run.add_argument("--port", type=port, default=8000, help="port to listen on; 0 takes a free one (%(default)s)")
    run.add_argument("--reload", action="store_true", help="start anew after each change of a file, for development")
    run.add_argument("--workers", type=count, default=1, help="processes that serve (%(default)s); not with --reload")
    run.add_argument("--root-path", default="", help="where a proxy mounts the application, for the URLs it makes")
    run.add_argument(
        "--stop-within",
        type=count,
        default=10,
        metavar="SECONDS",
        help="when stopped, wait so long for open answers (%(default)s)",
    )
    run.add_argument("--log-level", default="info", choices=["critical", "error", "warning", "info", "debug"])
    run.set_defaults(do=serve)

    routes = commands.add_parser("routes", help="list the routes", description=list_routes.__doc__)
    routes.add_argument("app", help=APP_HELP)
    routes.set_defaults(do=list_routes)

    told = commands.add_parser("explain", help="tell what a route does at a request", description=explain_route.__doc__)
    told.add_argument("app", help=APP_HELP)
    told.add_argument(
        "operation", nargs="?", help='"GET /items/{item_id}", or a real path: "GET /items/3"; all if left out'
    )
    form = told.add_mutually_exclusive_group()
    form.add_argument("--source", action="store_true", help="print the generated binder's text, too")
    form.add_argument("--json", action="store_true", help="print it for programs, as schemas/plan.schema.json has it")
    told.set_defaults(do=explain_route)

    openapi = commands.add_parser("openapi", help="print the OpenAPI document", description=print_document.__doc__)
    openapi.add_argument("app", help=APP_HELP)
    openapi.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write it to a file, in place of the standard output"
    )
    openapi.add_argument("--indent", type=int, default=2, help="spaces a level; 0 for one line (%(default)s)")
    openapi.set_defaults(do=print_document)
    return parser


def port(text: str) -> int:
    """A port's number, for argparse."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def count(text: str) -> int:
    """A number of processes, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a number from 1 upwards, not {text!r}")
    return int(text)


def serve(said: argparse.Namespace) -> int:
    """Serve an application with uvicorn until it is stopped."""
    try:
        import uvicorn  # noqa: PLC0415 - an extra: only this command needs it
    except ImportError:
        raise UsageError("`run` needs uvicorn\n  mend: pip install 'signette[server]'") from None
    if said.reload and said.workers > 1:
        raise UsageError("`--reload` serves with one process\n  mend: leave `--workers` out")
    target = import_string(said.app)
    served(said.app)  # mistakes show here, not in a process that is started again and again
    uvicorn.run(
        target,
        host=said.host,
        port=said.port,
        reload=said.reload,
        workers=said.workers if said.workers > 1 else None,
        root_path=said.root_path,
        log_level=said.log_level,
        app_dir=None,
        # A stream that never ends must not keep the server from stopping.
        timeout_graceful_shutdown=said.stop_within,
    )
    return 0


def list_routes(said: argparse.Namespace) -> int:
    """List the routes in the order in which they are asked: methods, path, name, endpoint."""
    rows = list(rows_of(load(said.app).routes))
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip())
    return 0


def rows_of(routes: Sequence[Any], prefix: str = "") -> list[tuple[str, str, str, str]]:
    """Methods, path, name and endpoint of each route; what is mounted stands below its mount."""
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
    """What stands in place of methods, where a route has none."""
    kinds = {WebSocketRoute: "WEBSOCKET", Mount: "MOUNT", Host: "HOST"}
    return next((word for kind, word in kinds.items() if isinstance(route, kind)), "ANY")


def explain_route(said: argparse.Namespace) -> int:
    """Tell what happens at a request: what is read from where, what is called in which order, what is answered."""
    app = load(said.app)
    planned = [route for _, route in typed_routes(app.routes)]
    if not planned:
        raise UsageError(
            f"`{said.app}` has no typed routes, and so no plans\n  mend: `signette routes {said.app}` lists all"
        )
    if said.operation is None:
        if said.json:
            _print_json([describe_plan(route.plan) for route in planned])
            return 0
        print("\n\n".join(route.explain(source=said.source) for route in planned))
        return 0
    try:
        if said.json:
            _print_json(describe_plan(route_of(app, said.operation).plan))
            return 0
        print(explain(app, said.operation, source=said.source))
    except LookupError as exc:
        raise UsageError(f"{exc.args[0]}\n  mend: `signette routes {said.app}` lists them") from None
    return 0


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_document(said: argparse.Namespace) -> int:
    """Print the OpenAPI document of an application."""
    app = load(said.app)
    if not hasattr(app, "openapi"):
        raise UsageError(f"`{said.app}` is a plain application, and has no document\n  mend: make it a `signette.App`")
    text = json.dumps(app.openapi(), indent=said.indent or None, ensure_ascii=False) + "\n"
    if said.output is None:
        sys.stdout.write(text)
        return 0
    try:
        said.output.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise UsageError(
            f"`{said.output}` cannot be written: {exc.strerror}\n  mend: name a file in a folder that is there"
        ) from None
    return 0


# -- finding the application -------------------------------------------------------------------------------------------


def import_string(said: str) -> str:
    """What was said as `module:name`, its folder made importable.

    Raises Mistake where there is no such file or module.
    """
    drive, rest = said[:2], said[2:]  # the colon of `C:\shop\main.py` ends no module
    if not (drive[:1].isalpha() and drive[1:] == ":" and rest[:1] in {"\\", "/"}):
        drive, rest = "", said
    place, _, name = rest.partition(":")
    place = drive + place
    if not place:
        raise UsageError(f"`{said}` names no module\n  mend: `module:name`, or the path of a file")
    if place.endswith(".py") or "/" in place or os.sep in place:
        place = _module_of_file(Path(place))
    elif "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
        _pass_on(Path.cwd())
    return f"{place}:{name or _name_in(place)}"


def served(said: str) -> Any:
    """What was said, if it can be served: an application, or one with middleware put around it by hand.

    Raises Mistake where there is none: its text tells what was found in its place.
    """
    place, _, name = import_string(said).partition(":")
    module = _import(place)
    app = getattr(module, name, None)
    if callable(app) and not isinstance(app, type):
        return app
    if app is not None:
        raise UsageError(
            f"`{place}:{name}` is a {type(app).__name__}, and no application\n  mend: name a `signette.App`"
        )
    found = _applications_of(module)
    mend = f"name one that it has: `{place}:{found[0]}`" if found else "make one there: `app = App()`"
    raise UsageError(f"`{place}` has no `{name}`\n  mend: {mend}")


def load(said: str) -> Application:
    """The application that was said, out of what was put around it.

    Raises Mistake where there is none.
    """
    app = served(said)
    while not isinstance(app, Application):
        inner = getattr(app, "app", None)
        if inner is None:
            raise UsageError(f"`{said}` is a {type(app).__name__}, and no application\n  mend: name a `signette.App`")
        app = inner
    return app


def _import(module: str) -> Any:
    if "" in module.split("."):
        raise UsageError(f"`{module}` is no module's name\n  mend: write it as in an import: `shop.main`")
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as exc:
        if exc.name is None or not f"{module}.".startswith(f"{exc.name}."):
            raise  # the module is there; something that it imports is not
        raise UsageError(
            f"there is no module `{module}` here\n  mend: run it where `{module}` can be imported"
        ) from None


def _applications_of(module: Any) -> list[str]:
    """Names of a module's applications, each application once."""
    found = {id(value): str(name) for name, value in reversed(vars(module).items()) if isinstance(value, Application)}
    return list(reversed(found.values()))


def _name_in(module: str) -> str:
    """`app`, or the one application of a module that calls it otherwise."""
    loaded = _import(module)
    found = _applications_of(loaded)
    if hasattr(loaded, "app") or not found:
        return "app"
    if len(found) > 1:
        raise UsageError(
            f"`{module}` has several applications: {', '.join(found)}\n  mend: name one: `{module}:{found[0]}`"
        )
    return found[0]


def _module_of_file(file: Path) -> str:
    """The dotted name of a file, with the folder above its package put on the path."""
    file = file.resolve()
    if file.is_dir():
        file /= "__init__.py"
    if not file.is_file():
        raise UsageError(f"there is no file `{file.name}` in `{file.parent.name}`\n  mend: give the path from here")
    parts = [] if file.stem == "__init__" else [file.stem]
    folder = file.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    if parts[0] in sys.stdlib_module_names:
        raise UsageError(f"`{parts[0]}` is a module of Python's own\n  mend: give the file another name")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    _pass_on(folder)
    return ".".join(parts)


def _pass_on(folder: Path) -> None:
    """Let the processes that uvicorn starts for workers and reloads import from the folder, too."""
    known = os.environ.get("PYTHONPATH", "")
    if str(folder) not in known.split(os.pathsep):
        os.environ["PYTHONPATH"] = os.pathsep.join(part for part in (str(folder), known) if part)


if __name__ == "__main__":
    raise SystemExit(main())

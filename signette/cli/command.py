"""The command `signette`: its parser and its exit status."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from signette._version import __version__
from signette.cli.client import add_client
from signette.cli.colors import ERROR, show
from signette.cli.completion import add_completion
from signette.cli.diff import add_diff
from signette.cli.document import add_asyncapi, add_openapi
from signette.cli.errors import UsageError
from signette.cli.explaining import add_explain
from signette.cli.jobs import add_jobs
from signette.cli.jobs_worker import add_worker
from signette.cli.listing import add_routes
from signette.cli.lock import add_lock
from signette.cli.mcp import add_mcp
from signette.cli.porting import add_port
from signette.cli.project import add_new
from signette.cli.prove import add_prove
from signette.cli.serving import add_dev, add_run
from signette.declarative.errors.base import SignatureError

EPILOG = """\
examples:
  signette new shop                       write a small, tested project
  signette dev                            serve main.py or app.py of this folder, restart on changes
  signette run shop.main:app --workers 4  serve it on http://127.0.0.1:8000
  signette worker shop.main:app           run its jobs
  signette routes shop.main:app           list routes with their methods, names and endpoints
  signette explain shop.main:app "GET /items/{item_id}"
                                          show what the route does for a request, step by step
  signette openapi shop.main:app -o openapi.json
  signette lock shop.main:app             write what clients can notice to contract.json
  signette diff contract.json shop.main:app
                                          show what breaks clients of that contract
  signette prove shop.main:app            send generated requests, and check what the contract says
  signette mcp shop.main:app              offer its operations with `tool=True` to agents
  signette client shop.main:app --out shop_client.py
                                          write a typed client module
  signette port --diff shop tests         show how imports of FastAPI and Starlette become imports of signette
"""


class Command(NamedTuple):
    """A command: its name, its help, and the function that adds its arguments."""

    name: str
    help: str
    add: Callable[[argparse.ArgumentParser], None]


COMMANDS = (
    Command("new", "write a new project", add_new),
    Command("dev", "serve an application for development", add_dev),
    Command("run", "serve an application", add_run),
    Command("worker", "run the jobs of an application", add_worker),
    Command("routes", "list the routes", add_routes),
    Command("jobs", "list the jobs", add_jobs),
    Command("explain", "show what a route does for a request", add_explain),
    Command("openapi", "print the OpenAPI document", add_openapi),
    Command("asyncapi", "print the AsyncAPI document of the WebSockets", add_asyncapi),
    Command("lock", "write the contract of an application, or check it", add_lock),
    Command("diff", "show what changed between two contracts, and what breaks clients", add_diff),
    Command("prove", "send generated requests, and check what the contract says", add_prove),
    Command("mcp", "offer operations to agents as tools", add_mcp),
    Command("client", "write a typed client module", add_client),
    Command("port", "rewrite imports of FastAPI and Starlette", add_port),
    Command("completion", "print a script for completion in the shell", add_completion),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 for success, 2 for an error in the command line or application."""
    args = make_parser().parse_args(arguments)
    try:
        status: int = args.do(args)
        sys.stdout.flush()  # so that a failed write is raised here, not at exit
    except (UsageError, SignatureError) as exc:
        show(f"signette: {exc}", ERROR, file=sys.stderr)
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
    for command in COMMANDS:
        added = commands.add_parser(command.name, help=command.help)
        command.add(added)
        function: Any = added.get_default("do")
        added.description = function.__doc__
    parser.set_defaults(make_parser=make_parser)  # for `completion`
    return parser

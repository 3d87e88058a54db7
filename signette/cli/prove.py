"""`signette prove`: send generated requests to an application, and check what its contract says."""

import argparse
import importlib

from signette.cli.errors import UsageError
from signette.cli.loading import APP_HELP


def add_prove(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `prove`."""
    parser.add_argument("app", help=APP_HELP)
    parser.add_argument(
        "--operation",
        action="append",
        metavar="OPERATION",
        help="prove only this operation: `read_item`, `read_*`, `GET /items/{item_id}`; may be repeated",
    )
    parser.add_argument(
        "--exclude", action="append", metavar="OPERATION", help="leave out an operation; may be repeated"
    )
    parser.add_argument("--seed", type=int, default=1, help="two runs with one seed are equal (default: %(default)s)")
    parser.add_argument(
        "--max-examples",
        type=int,
        default=50,
        metavar="N",
        help="generated requests for each operation (default: %(default)s)",
    )
    parser.add_argument(
        "--header",
        action="append",
        metavar="'NAME: VALUE'",
        help="add a header to each request; may be repeated",
    )
    parser.add_argument(
        "--auth",
        metavar="SECRET",
        help="the token or API key of operations with security requirements, or `user:password` for HTTP Basic",
    )
    parser.add_argument(
        "--before",
        metavar="MODULE:FUNCTION",
        help="`async def before(send)`, which prepares data and may return headers, after each start",
    )
    parser.add_argument(
        "--reset", metavar="MODULE:FUNCTION", help="a function that empties databases before each start"
    )
    parser.add_argument("--law", action="append", metavar="MODULE:CLASS", help="a custom law; may be repeated")
    parser.add_argument("--without", action="append", metavar="LAW", help="leave out a law; may be repeated")
    parser.add_argument(
        "--report",
        action="append",
        metavar="FILE",
        help="write the report, too: `.json`, `.xml` for JUnit, else text; may be repeated",
    )
    parser.add_argument(
        "--timeout", type=float, default=5.0, metavar="SECONDS", help="wait for a response (default: %(default)s)"
    )
    parser.add_argument("--host", default="testserver", help="the `Host` header of the requests (default: %(default)s)")
    parser.add_argument("--laws", action="store_true", help="list the laws, and end")
    parser.set_defaults(do=prove_application)


def prove_application(args: argparse.Namespace) -> int:
    """Send generated requests to each operation, and report violated laws. Exit status: 1 for violated laws."""
    try:
        command = importlib.import_module("signette.prove.command")
    except ImportError as missing:
        if "signette[prove]" not in str(missing):
            raise
        raise UsageError("`prove` needs schemathesis\n  hint: pip install 'signette[prove]'") from None
    status: int = command.list_laws(args) if args.laws else command.prove(args)
    return status

"""`signette port`: rewrite imports of FastAPI and Starlette."""

import argparse
import importlib

from signette.cli.errors import UsageError
from signette.port.options import add_options


def add_port(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `port`."""
    add_options(parser)
    parser.set_defaults(do=port_imports)


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

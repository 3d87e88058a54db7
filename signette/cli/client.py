"""`signette client`: write a typed client module for an application."""

import argparse
import sys
from pathlib import Path

from signette.cli.errors import UsageError
from signette.cli.loading import APP_HELP, load
from signette.client.generate.errors import GenerationError
from signette.client.generate.module import client_module, is_same_code


def add_client(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `client`."""
    parser.add_argument("app", help=APP_HELP)
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="the module; default: standard output")
    parser.add_argument(
        "--models",
        choices=("include", "import"),
        default="include",
        help="define the models of the application in the module, or import them from it (%(default)s)",
    )
    parser.add_argument("--hidden", action="store_true", help="also operations that are not in the OpenAPI document")
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if the file has other code")
    parser.set_defaults(do=write_client)


def write_client(args: argparse.Namespace) -> int:
    """Write a module with typed clients of an application, which needs pydantic and httpx2 alone."""
    app = load(args.app)
    if not hasattr(app, "openapi"):
        raise UsageError(f"`{args.app}` is a plain application without operations\n  hint: make it a `signette.App`")
    if args.check and args.out is None:
        raise UsageError("`--check` compares a file\n  hint: name it: `--out shop_client.py --check`")
    try:
        module = client_module(app, args.models, hidden=args.hidden)
    except GenerationError as exc:
        raise UsageError(str(exc)) from None
    for name, reason in module.left_out:
        print(f"signette: no method for `{name}`: {reason}", file=sys.stderr)
    if args.check:
        return _check(args.out, module.source)
    if args.out is None:
        sys.stdout.write(module.source)
        return 0
    try:
        args.out.write_text(module.source, encoding="utf-8")
    except OSError as exc:
        raise UsageError(
            f"cannot write `{args.out}`: {exc.strerror}\n  hint: name a file in an existing folder"
        ) from None
    return 0


def _check(file: Path, source: str) -> int:
    try:
        known = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        print(f"signette: `{file}` does not exist; run the command without `--check`", file=sys.stderr)
        return 1
    except OSError as exc:
        raise UsageError(f"cannot read `{file}`: {exc.strerror}\n  hint: name a text file") from None
    if is_same_code(known, source):
        return 0
    print(f"signette: `{file}` is not up to date; run the command without `--check`", file=sys.stderr)
    return 1

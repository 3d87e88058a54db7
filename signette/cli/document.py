"""`signette openapi` and `signette asyncapi`: print the documents of an application."""

import argparse
import json
import sys
from pathlib import Path

from signette.cli.errors import UsageError
from signette.cli.loading import APP_HELP, load


def add_openapi(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `openapi`."""
    _add_document(parser, "openapi")


def add_asyncapi(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `asyncapi`."""
    _add_document(parser, "asyncapi")


def _add_document(parser: argparse.ArgumentParser, method: str) -> None:
    parser.add_argument("app", help=APP_HELP)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to a file instead of standard output")
    parser.add_argument("--indent", type=int, default=2, help="spaces per level; 0 for one line (%(default)s)")
    parser.set_defaults(do=print_document, document=method)


def print_document(args: argparse.Namespace) -> int:
    """Print the OpenAPI or AsyncAPI document of an application."""
    app = load(args.app)
    if not hasattr(app, "openapi"):
        raise UsageError(f"`{args.app}` is a plain application without documents\n  hint: make it a `signette.App`")
    text = json.dumps(getattr(app, args.document)(), indent=args.indent or None, ensure_ascii=False) + "\n"
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

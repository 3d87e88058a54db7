"""`signette openapi`: print the OpenAPI document."""

import argparse
import json
import sys
from pathlib import Path

from signette.cli.errors import UsageError
from signette.cli.loading import APP_HELP, load


def add_openapi(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `openapi`."""
    parser.add_argument("app", help=APP_HELP)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to a file instead of standard output")
    parser.add_argument("--indent", type=int, default=2, help="spaces per level; 0 for one line (%(default)s)")
    parser.set_defaults(do=print_document)


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

"""The options of `signette port`. This module needs no libcst, so that the command's help works without it."""

import argparse
from pathlib import Path

EPILOG = """\
exit status: 0 when nothing of FastAPI or Starlette is left; 1 when a name, an import or an option is left that you
have to change yourself, or when --check or --diff would change a file
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = EPILOG
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, and folders that are searched")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="change no file; list what would change and what is left")
    mode.add_argument("--diff", action="store_true", help="change no file; print the changes as a diff")
    parser.add_argument(
        "--keep-names", action="store_true", help="keep the names of classes: `from signette import App as FastAPI`"
    )
    parser.add_argument("--format", choices=["text", "json"], default="text", help="format of the report (%(default)s)")

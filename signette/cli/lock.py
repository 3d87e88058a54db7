"""`signette lock`: write the contract of an application, or check that the file is up to date."""

import argparse
import sys
from pathlib import Path

from signette.cli.colors import show
from signette.cli.errors import UsageError
from signette.cli.loading import APP_HELP, load
from signette.contract.application import contract_of
from signette.contract.checking import stale
from signette.contract.errors import ContractError
from signette.contract.model import text_of

STDOUT = "-"
_CHANGES = (r"^  (?P<success>\+ \S*?):", r"^  (?P<failure>- \S*?):", r"^  (?P<redirect>~ \S*?):", r"^(?P<hint>hint:)")


def add_lock(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `lock`."""
    parser.add_argument("app", help=APP_HELP)
    parser.add_argument(
        "-o", "--out", default="contract.json", metavar="FILE", help="the file (%(default)s); `-` for standard output"
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 if the file is not up to date; write nothing")
    parser.set_defaults(do=lock)


def lock(args: argparse.Namespace) -> int:
    """Write the contract of an application: what clients can notice. Commit the file, and compare it by `diff`."""
    app = load(args.app)
    if not hasattr(app, "openapi"):
        raise UsageError(f"`{args.app}` is a plain application without documents\n  hint: make it a `signette.App`")
    try:
        contract = contract_of(app)
        if args.check and args.out == STDOUT:
            raise UsageError("`--check` needs a file\n  hint: remove `--out -`")
        if args.check:
            return _check(args, stale(contract, Path(args.out)))
    except ContractError as exc:
        raise UsageError(str(exc)) from None
    text = text_of(contract)
    if args.out == STDOUT:
        sys.stdout.write(text)
        return 0
    try:
        Path(args.out).write_text(text, "utf-8", newline="\n")
    except OSError as exc:
        raise UsageError(
            f"cannot write `{args.out}`: {exc.strerror}\n  hint: name a file in an existing folder"
        ) from None
    return 0


def _check(args: argparse.Namespace, difference: str | None) -> int:
    if difference is None:
        return 0
    out = "" if args.out == "contract.json" else f" --out {args.out}"
    show(f"{difference}\nhint: `signette lock {args.app}{out}` writes the file again", _CHANGES)
    return 1

"""`signette diff`: what changed between two contracts, and whether it breaks clients."""

import argparse
import sys
from pathlib import Path

from signette.cli.colors import show
from signette.cli.errors import UsageError
from signette.cli.loading import load
from signette.contract.diff.checking import report_of
from signette.contract.diff.rendering import RENDERERS, render_text
from signette.contract.errors import ContractError
from signette.contract.load import load_contract
from signette.contract.model import Contract
from signette.contract.revisions import is_revision

_SOURCES = (
    "a file (`contract.json`, `openapi.yaml`), a file at a revision of git (`HEAD~3:openapi.json`), an application"
    " (`shop.main:app`), or a revision (`HEAD~1`) of what is on the other side"
)
_FILES = (".json", ".yaml", ".yml")
_PARTS = (
    r"^(?P<failure>breaking):",
    r"^(?P<redirect>note):",
    r"^(?P<success>compatible|allowed):",
    r"^  in (?P<path>.*)$",
    r"^  (?P<note>(?:rule|at|values|why|reason):)",
    r"^  (?P<hint>hint:)",
)


def add_diff(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `diff`."""
    parser.add_argument("old", help=f"the contract that clients have: {_SOURCES}")
    parser.add_argument("new", help="the contract to compare with it, in the same forms")
    parser.add_argument(
        "--format", choices=list(RENDERERS), default="text", help="the form of the report (%(default)s)"
    )
    parser.add_argument("--all", action="store_true", help="show compatible changes, too")
    parser.add_argument("--allow", type=Path, metavar="FILE", help="a TOML file with allowed changes and their reasons")
    parser.add_argument(
        "--fail-on", choices=["breaking", "note"], default="breaking", help="what exits with 1 (%(default)s)"
    )
    parser.set_defaults(do=diff)


def diff(args: argparse.Namespace) -> int:
    """Compare two contracts. The exit status is 1 if a change breaks clients and is not in the list of `--allow`."""
    try:
        report = report_of(_contract(args.old, args.new), _contract(args.new, args.old), args.allow)
    except ContractError as exc:
        raise UsageError(str(exc)) from None
    if args.format == "text":
        show(render_text(report, everything=args.all), _PARTS)
    else:
        sys.stdout.write(RENDERERS[args.format](report, everything=args.all).rstrip("\n") + "\n")
    return int(report.fails(on_notes=args.fail_on == "note"))


def _contract(source: str, other: str) -> Contract:
    """The contract of a source. A revision alone is that of the application, or of the file, on the other side."""
    if Path(other).suffix.lower() in _FILES and Path(source).suffix.lower() not in _FILES and is_revision(source):
        source = f"{source}:{other}"
    return load_contract(source, load, None if is_revision(other) else other)

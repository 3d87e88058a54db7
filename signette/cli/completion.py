"""`signette completion`: a script that completes the command line, by the library shtab."""

import argparse
import importlib

from signette.cli.errors import UsageError

SHELLS = ("bash", "zsh", "tcsh")


def add_completion(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `completion`."""
    parser.add_argument("shell", choices=SHELLS, help="bash, zsh or tcsh")
    parser.set_defaults(do=print_completion)


def print_completion(args: argparse.Namespace) -> int:
    """Print a script for completion in the shell: `eval "$(signette completion bash)"`."""
    try:
        shtab = importlib.import_module("shtab")
    except ModuleNotFoundError:
        raise UsageError("`completion` needs shtab\n  hint: pip install 'signette[completion]'") from None
    print(shtab.complete(args.make_parser(), args.shell))
    return 0

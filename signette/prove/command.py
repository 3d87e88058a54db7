"""What the command `signette prove` does."""

import argparse
import sys
from pathlib import Path
from typing import Any

from signette.cli.colors import LAW_LIST, PROOF, progress_bar, show
from signette.cli.errors import UsageError
from signette.cli.loading import asgi_application, import_string, load_object
from signette.declarative.errors.base import SignatureError
from signette.prove.api import InvalidSetting, examined
from signette.prove.files import write_report
from signette.prove.in_process import StartFailed
from signette.prove.laws_of_run import UnknownLaw, laws_of_run
from signette.prove.operations import NoOperations
from signette.prove.sandbox import Surroundings
from signette.prove.text import text_of


def list_laws(args: argparse.Namespace) -> int:
    """Print the names and summaries of the laws."""
    laws = [make() for make in laws_of_run(_custom(args), args.without or ())]
    width = max(len(law.name) for law in laws)
    show("\n".join(f"{law.name.ljust(width)}  {law.summary}" for law in laws), LAW_LIST)
    return 0


def prove(args: argparse.Namespace) -> int:
    """Prove an application, print the report, and write it to files. Returns 1 if a law is violated.

    Raises UsageError.
    """
    for file in args.report or ():
        if Path(file).is_dir():
            raise UsageError(f"`--report {file}` is a folder\n  hint: name a file: `--report prove.json`")
    surroundings = Surroundings(
        headers=dict(_header(each) for each in args.header or ()),
        auth=_auth(args.auth),
        before=load_object(args.before) if args.before else None,
        reset=load_object(args.reset) if args.reset else None,
        timeout=args.timeout,
        host=args.host,
    )
    app = asgi_application(args.app)
    try:
        with progress_bar(sys.stderr) as progress:
            report = examined(
                app,
                operation=args.operation or (),
                exclude=args.exclude or (),
                seed=args.seed,
                max_examples=args.max_examples,
                surroundings=surroundings,
                laws=laws_of_run(_custom(args), args.without or ()),
                app_name=import_string(args.app),
                progress=progress,
            )
    except (NoOperations, UnknownLaw, InvalidSetting, StartFailed) as error:
        if isinstance(error.__cause__, SignatureError):
            raise error.__cause__ from None  # as other commands show it
        raise UsageError(str(error)) from error
    for file in args.report or ():
        write_report(report, Path(file))
    show(text_of(report), PROOF)
    return 0 if report.is_clean else 1


def _custom(args: argparse.Namespace) -> list[Any]:
    return [load_object(each) for each in args.law or ()]


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise UsageError(f"`--header {text!r}` is not a header\n  hint: write `--header 'X-API-Key: demo'`")
    return name.strip(), value.strip()


def _auth(text: str | None) -> Any:
    if text is None or ":" not in text:
        return text
    user, _, password = text.partition(":")
    return user, password

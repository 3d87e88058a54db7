"""Does an application keep a contract? For `signette diff`, and for tests."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

from signette.contract.application import DocumentedApp, contract_of
from signette.contract.diff.allowed import apply_allowed, parse_allowed
from signette.contract.diff.compare import compare
from signette.contract.diff.rendering import render_text
from signette.contract.diff.report import Report
from signette.contract.errors import ContractError
from signette.contract.load import parse_contract
from signette.contract.model import Contract

_Path = str | os.PathLike[str]


def report_of(old: Contract, new: Contract, allow: _Path | None = None, *, today: date | None = None) -> Report:
    """Compare two contracts. `allow` is the file with the list of allowed changes.

    Raises:
        ContractError: the list cannot be read.
    """
    day = today or datetime.now(UTC).date()
    entries = [] if allow is None else parse_allowed(_text(Path(allow)), str(allow))
    findings, unused = apply_allowed(compare(old, new, today=day), entries, day)
    return Report(tuple(findings), tuple(unused))


def assert_compatible(app: DocumentedApp, file: _Path, allow: _Path | None = None) -> None:
    """Assert that the application breaks no client of the contract in a file: one that was released.

    `allow` is the file with the list of allowed changes.

    Raises:
        AssertionError: a change breaks clients. Its text lists all of them, with the safe way to make them.
        ContractError: a file cannot be read.
    """
    report = report_of(parse_contract(_text(Path(file)).encode(), str(file)), contract_of(app), allow)
    assert not report.fails(), f"the application breaks clients of `{file}`:\n\n{render_text(report)}"


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        reason = getattr(exc, "strerror", None) or "it is not UTF-8"
        raise ContractError(f"cannot read `{file}`: {reason}", "write the path relative to this folder") from None

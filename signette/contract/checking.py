"""Is the committed file of a contract up to date? For `signette lock --check`, and for tests."""

import os
from pathlib import Path

from signette.contract.application import DocumentedApp, contract_of
from signette.contract.changes import changes
from signette.contract.load import parse_contract
from signette.contract.model import Contract, text_of

_MAX_CHANGES = 40


def stale(contract: Contract, file: Path) -> str | None:
    """How the file differs from the contract, as text for people; None if it is up to date.

    Raises:
        ContractError: the file has no contract.
    """
    try:
        found = file.read_bytes()
    except FileNotFoundError:
        return f"`{file}` does not exist"
    expected = text_of(contract)
    if found.decode("utf-8", "replace").replace("\r\n", "\n") == expected:  # git may have changed the ends of lines
        return None
    lines = changes(parse_contract(found, str(file)), contract)
    if not lines:
        return f"`{file}` is not in canonical form"
    shown = [f"  {line}" for line in lines[:_MAX_CHANGES]]
    if len(lines) > _MAX_CHANGES:
        shown.append(f"  and {len(lines) - _MAX_CHANGES} more")
    return "\n".join([f"`{file}` is not up to date:", *shown])


def assert_contract(app: DocumentedApp, file: str | os.PathLike[str]) -> None:
    """Assert that the file has the contract of the application: a test that shows each change of the API.

    Write the file with `signette lock APP`; after an intended change, write it again.

    Raises:
        AssertionError: the file is missing or not up to date. Its text lists what differs.
        ContractError: the file has no contract.
    """
    difference = stale(contract_of(app), Path(file))
    assert difference is None, (
        f"{difference}\nhint: `signette lock` writes the file again; `signette diff` shows what breaks clients"
    )

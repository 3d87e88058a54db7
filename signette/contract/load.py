"""Contracts from where they are: files, revisions of git, and applications.

A source is one of these; the first that fits counts:

    contract.json, openapi.yaml     a file with a contract or an OpenAPI document
    HEAD~3:schemas/openapi.json     the file as it was at a revision of git
    HEAD~1                          the application at a revision, if there is an application to load
    shop.main:app                   an application
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from signette.contract.application import contract_of
from signette.contract.document import contract_of_document
from signette.contract.errors import ContractError
from signette.contract.model import FORMAT, Contract
from signette.contract.revisions import app_at_revision, file_at_revision, is_revision
from signette.contract.validating import first_fault
from signette.schemas import parse_yaml

LoadApp = Callable[[str], Any]
_MARKS = frozenset("~^@")  # of revisions; no module has one
_FILES = (".json", ".yaml", ".yml")


def load_contract(source: str, load_app: LoadApp, app: str | None = None) -> Contract:
    """The contract of a source.

    `load_app` imports an application by its name. `app` is the name of the application to load for a source that is
    only a revision.

    Raises:
        ContractError: there is no such source, or it has no contract.
    """
    path = Path(source)
    if path.suffix.lower() in _FILES and (path.is_file() or not _at_revision(source)):
        return _of_file(path)
    if _at_revision(source):
        revision, _, name = source.partition(":")
        return parse_contract(file_at_revision(revision, name), name)
    if app is not None and is_revision(source):
        return parse_contract(app_at_revision(source, app), source)
    if _MARKS.intersection(source) and is_revision(source):
        raise ContractError(
            f"`{source}` is a revision, and no application is named", f"name a file in it: `{source}:openapi.json`"
        )
    loaded = load_app(source)
    if not hasattr(loaded, "openapi"):
        raise ContractError(f"`{source}` is a plain application without documents", "make it a `signette.App`")
    return contract_of(loaded)


def _at_revision(source: str) -> bool:
    """Whether a source is a file at a revision, and not an application such as `shop.main:app`."""
    revision, colon, name = source.partition(":")
    return bool(colon) and Path(name).suffix.lower() in _FILES and is_revision(revision)


def _of_file(path: Path) -> Contract:
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise ContractError(f"no file `{path}`", "write the path relative to this folder") from None
    except OSError as exc:
        raise ContractError(f"cannot read `{path}`: {exc.strerror}", "name a file that you may read") from None
    return parse_contract(text, str(path))


def parse_contract(text: bytes, name: str) -> Contract:
    """The contract in the text of a file, or that of the OpenAPI document in it. `name` is the name of the file.

    Raises:
        ContractError: it is neither, or of a format that this version cannot read.
    """
    value = _parsed(text, name)
    if isinstance(value, Mapping) and "signette_contract" in value:
        number = value["signette_contract"]
        if number != FORMAT:
            raise ContractError(f"`{name}` has the format {number}", "use the version of signette that has written it")
        if (fault := first_fault(value)) is not None:
            hint = "write the file again with `signette lock`"
            raise ContractError(f"`{name}` is not a contract: {fault}", hint)
        return cast(Contract, value)
    try:
        return contract_of_document(value)
    except ContractError as exc:
        raise ContractError(f"`{name}`: {exc.problem}", exc.hint) from None


def _parsed(text: bytes, name: str) -> Any:
    try:
        decoded = text.decode("utf-8-sig")
        if name.lower().endswith((".yaml", ".yml")):
            return parse_yaml(decoded)
        return json.loads(decoded)
    except ImportError:
        raise ContractError(f"`{name}` cannot be read without PyYAML", "pip install pyyaml") from None
    except ValueError as exc:  # also a UnicodeDecodeError
        raise ContractError(f"`{name}` cannot be parsed: {exc}", "name a file with JSON, or YAML in `.yaml`") from None

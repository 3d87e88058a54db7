"""Contracts: what clients of an API can notice, as a file that `signette lock` writes and `signette diff` compares."""

from signette.contract.application import contract_of
from signette.contract.checking import assert_contract
from signette.contract.diff.checking import assert_compatible
from signette.contract.diff.compare import compare
from signette.contract.diff.findings import Finding
from signette.contract.document import contract_of_document
from signette.contract.errors import ContractError
from signette.contract.load import load_contract
from signette.contract.model import Contract

__all__ = [
    "Contract", "ContractError", "Finding", "assert_compatible", "assert_contract", "compare", "contract_of",
    "contract_of_document", "load_contract",
]  # fmt: skip

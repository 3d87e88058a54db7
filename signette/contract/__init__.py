"""Contracts: what clients of an API can notice, as a file that `signette lock` writes and `signette diff` compares."""

from signette.contract.document import contract_of_document
from signette.contract.errors import ContractError
from signette.contract.model import Contract

__all__ = ["Contract", "ContractError", "contract_of_document"]

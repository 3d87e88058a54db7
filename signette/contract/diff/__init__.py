"""What changed between two contracts, and whether it breaks clients. `signette diff` prints it."""

from signette.contract.diff.compare import compare
from signette.contract.diff.findings import Finding

__all__ = ["Finding", "compare"]

"""What changed between two contracts, and whether it breaks clients. `signette diff` prints it."""

from signette.contract.diff.checking import assert_compatible, report_of
from signette.contract.diff.compare import compare
from signette.contract.diff.findings import Finding
from signette.contract.diff.report import Report

__all__ = ["Finding", "Report", "assert_compatible", "compare", "report_of"]

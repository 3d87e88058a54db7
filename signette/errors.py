"""Start-up errors of signatures, and the format of error responses."""

from signette.declarative.errors.base import SignatureError
from signette.declarative.problems.format import PreparedProblem, ProblemFormat

__all__ = ["PreparedProblem", "ProblemFormat", "SignatureError"]

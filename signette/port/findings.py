"""What the command reports: a place in a file, what is there, and what to do."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

FROM_FASTAPI = "docs/how-to/from-fastapi.md"
FROM_STARLETTE = "docs/how-to/from-starlette.md"
PACKAGES = "docs/how-to/packages-that-work.md"


class Kind(StrEnum):
    """What a finding means for the reader."""

    LEFT = "left"  # still of the other framework: the port is not finished
    UNREADABLE = "unreadable"  # a syntax error, or an unknown encoding: the file is as it was
    BEHAVIOR = "behavior"  # works, but not in the same way
    TEXT = "text"  # a string names a module or class
    REQUIREMENT = "requirement"  # a requirements file names the package
    PACKAGE = "package"  # another package that imports FastAPI or Starlette itself
    NOTEBOOK = "notebook"  # a file of a kind that is not read


# The port is not finished while there is one of these.
UNFINISHED = {Kind.LEFT, Kind.UNREADABLE}


@dataclass(frozen=True, order=True)
class Finding:
    """One place to look at."""

    path: Path
    line: int
    column: int
    kind: Kind
    rule: str
    problem: str
    advice: str
    page: str | None = None

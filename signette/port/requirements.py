"""Lines of requirements files that ask for FastAPI or Starlette."""

import re
from collections.abc import Iterator
from pathlib import Path

NAMES = {"pyproject.toml", "setup.cfg", "setup.py", "Pipfile", "environment.yml", "environment.yaml"}
LISTS = {".txt", ".in"}
REQUIREMENT = re.compile(r"(?<![\w./-])(?P<name>fastapi|starlette)(\[[\w, -]*\])?\s*(?=[<>=!~;,@\"']|$)", re.IGNORECASE)


def is_requirements(path: Path) -> bool:
    """Whether a file lists requirements, by its name."""
    words = ("requirements", "constraints")
    is_list = path.suffix in LISTS and any(word in part for word in words for part in (path.name, path.parent.name))
    return path.name in NAMES or is_list


def lines_of(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, column and package of each requirement."""
    for number, line in enumerate(text.splitlines(), start=1):
        found = REQUIREMENT.search(line.partition("#")[0].rstrip())
        if found:
            yield number, found.start() + 1, found["name"].lower()

"""`constraints.txt` names one version for each requirement of `pyproject.toml`, and nothing but versions."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LINES = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
VERSIONS = dict(line.split("==") for line in LINES)


def requirements() -> Iterator[Requirement]:
    """What the package, its extras, its build and its dependency groups ask for."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lists = [table["build-system"]["requires"], table["project"]["dependencies"], ["pip>=25.3"]]
    lists += [*table["project"]["optional-dependencies"].values(), *table["dependency-groups"].values()]
    for one in lists:
        for text in one:
            # A table includes another group, which is in the list itself.
            if isinstance(text, str) and not text.startswith("signette["):
                yield Requirement(text)


@pytest.mark.parametrize("requirement", list(requirements()), ids=str)
def test_each_requirement_has_a_version_that_it_allows(requirement: Requirement) -> None:
    assert VERSIONS[canonicalize_name(requirement.name)] in requirement.specifier


def test_the_file_is_sorted_and_holds_versions_alone() -> None:
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*==[0-9][0-9a-z.]*", line) for line in LINES)
    assert sorted(set(LINES), key=lambda line: line.partition("==")[0]) == LINES

"""The page on packages has a row for each test in tests/interop, with the version that the test runs."""

import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.docs.pages import ROOT
from tests.docs.tables import names_in, table_of

ROWS = {row[0].strip("`"): row for row in table_of("how-to/packages-that-work", "packages")}
TESTS = {file.stem.removeprefix("test_").replace("_", "-") for file in (ROOT / "tests/interop").glob("test_*.py")}
AREAS = ("authentication", "pagination", "admin pages", "GraphQL", "MCP", "server-sent events", "metrics", "tracing",
         "rate limits", "error reporting")  # fmt: skip


def test_each_row_is_a_test_and_each_test_a_row() -> None:
    assert ROWS.keys() == TESTS


def test_each_version_is_the_one_that_is_tested() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    versions = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert {name: row[2] for name, row in ROWS.items()} == {name: versions[name] for name in ROWS}


def test_each_package_is_in_the_dependency_group() -> None:
    group = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["interop"]
    names = {canonicalize_name(Requirement(each).name) for each in group if isinstance(each, str)}
    assert ROWS.keys() <= names
    assert names - ROWS.keys() == {"sqlalchemy"}  # for the admin pages


def test_each_area_has_a_package_and_each_row_a_way_to_use_it() -> None:
    assert {row[1] for row in ROWS.values()} >= set(AREAS)
    assert all(names_in(row[3]) or "`" in row[3] for row in ROWS.values())

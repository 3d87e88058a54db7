"""Contracts are loaded from files, OpenAPI documents, applications and revisions of git."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signette import App
from signette.contract.application import contract_of
from signette.contract.errors import ContractError
from signette.contract.load import load_contract, parse_contract
from signette.contract.model import text_of
from signette.contract.revisions import app_at_revision

DOCUMENT = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": {"/a": {"get": {"responses": {}}}}}
MODULE = """\
from signette import App

app = App()


@app.get("/items")
async def items(limit: int = {limit}) -> list[int]: ...
"""


def load_app(name: str) -> Any:
    """What a command passes: here all applications are this one."""
    if name == "plain":
        return object()
    app = App(title=name)

    @app.get("/a")
    async def a() -> None: ...

    return app


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two revisions of a document and an application, which is in the folder `api`."""
    folder = tmp_path_factory.mktemp("repository")
    git(folder, "init", "-q")
    (folder / "api").mkdir()
    for number in (1, 2):
        (folder / "openapi.json").write_text(
            json.dumps({**DOCUMENT, "info": {"title": "Shop", "version": str(number)}})
        )
        (folder / "api" / "shop_of_revision.py").write_text(MODULE.format(limit=number))
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", f"Revision {number}")
    return folder


@pytest.fixture
def in_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(repository)
    yield repository
    listed = subprocess.run(["git", "worktree", "list"], cwd=repository, capture_output=True, text=True, check=True)
    assert len(listed.stdout.splitlines()) == 1, "a worktree is left"


def test_a_file_has_a_contract_or_an_openapi_document(tmp_path: Path) -> None:
    expected = contract_of(load_app("Shop"))
    (tmp_path / "contract.json").write_text(text_of(expected), "utf-8")
    assert load_contract(str(tmp_path / "contract.json"), load_app) == json.loads(text_of(expected))
    (tmp_path / "openapi.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(DOCUMENT).encode())
    assert load_contract(str(tmp_path / "openapi.json"), load_app)["operations"].keys() == {"GET /a"}


def test_yaml_has_the_values_of_json(tmp_path: Path) -> None:
    text = """
    openapi: 3.1.0
    info: {title: yes, version: 2026-01-01}
    paths:
      /a:
        get:
          parameters: [{name: on, in: query, schema: {enum: [true, off, 1.0]}}]
          responses: {200: {description: Done}}
    """
    (tmp_path / "openapi.yaml").write_text(text, "utf-8")
    made = load_contract(str(tmp_path / "openapi.yaml"), load_app)
    assert (made["title"], made["version"]) == ("yes", "2026-01-01")
    operation = made["operations"]["GET /a"]
    assert operation["inputs"]["query on"]["schema"] == {"enum": ["off", 1, True]}
    assert operation["responses"].keys() == {"200"}


def test_other_names_are_those_of_applications() -> None:
    made = load_contract("shop.main:app", load_app)
    assert (made["title"], made["made_from"]) == ("shop.main:app", "application")


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("missing.json", "no file `missing.json`"),
        ("missing.yaml", "no file `missing.yaml`"),
        ("plain", "`plain` is a plain application without documents"),
        ("HEAD~1:missing.json", "no file `missing.json` at the revision `HEAD~1`"),
        ("HEAD~1", "`HEAD~1` is a revision, and no application is named"),
    ],
)
@pytest.mark.usefixtures("in_repository")
def test_a_source_that_is_not_there_is_an_error_with_a_hint(source: str, problem: str) -> None:
    with pytest.raises(ContractError) as caught:
        load_contract(source, load_app)
    assert caught.value.problem == problem
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "name", "problem"),
    [
        (b"{", "a.json", "`a.json` cannot be parsed: "),
        (b"\xff", "a.json", "`a.json` cannot be parsed: "),
        (b"a: [", "a.yaml", "`a.yaml` cannot be parsed: "),
        (b"a: &a [*a]", "a.yaml", "`a.yaml` cannot be parsed: "),
        (b"a: !!python/object/apply:os.getcwd []", "a.yaml", "`a.yaml` cannot be parsed: "),
        (b"[]", "a.json", "`a.json`: the document is not an object"),
        (b'{"signette_contract": 2}', "a.json", "`a.json` has the format 2"),
        (b'{"signette_contract": 1}', "a.json", "`a.json` is not a contract: `/limits` is missing"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_with_a_hint(text: bytes, name: str, problem: str) -> None:
    with pytest.raises(ContractError) as caught:
        parse_contract(text, name)
    assert caught.value.problem.startswith(problem)
    assert caught.value.hint


def test_yaml_without_pyyaml_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signette.schemas.yaml", None)
    with pytest.raises(ContractError, match=r"`a.yaml` cannot be read without PyYAML\n  hint: pip install pyyaml"):
        parse_contract(b"a: 1", "a.yaml")


def test_a_file_at_a_revision_is_found_from_the_repository_and_from_the_folder(
    in_repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_contract("HEAD~1:openapi.json", load_app)["version"] == "1"
    monkeypatch.chdir(in_repository / "api")
    assert load_contract("HEAD:openapi.json", load_app)["version"] == "2"


def test_an_application_at_a_revision_is_that_of_the_revision(
    in_repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if its folder is on the path of modules, as after an installation for development, and in a hook of git."""
    monkeypatch.setenv("PYTHONPATH", str(in_repository / "api"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(in_repository / ".git" / "index"))
    index = (in_repository / ".git" / "index").read_bytes()
    made = load_contract("HEAD~1", load_app, "shop_of_revision:app")
    assert made["operations"]["GET /items"]["inputs"]["query limit"]["default"] == 1
    assert (in_repository / ".git" / "index").read_bytes() == index


@pytest.mark.slow
def test_a_revision_whose_application_cannot_be_imported_says_why(in_repository: Path) -> None:
    with pytest.raises(ContractError) as caught:
        load_contract("HEAD~1", load_app, "missing.py")
    assert "no file `missing.py`" in caught.value.problem
    assert in_repository


@pytest.mark.slow
def test_an_application_of_another_place_is_not_taken_for_that_of_the_revision(
    in_repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "installed_shop.py").write_text(MODULE.format(limit=3))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(ContractError, match="was not imported from the revision"):
        app_at_revision("HEAD", "installed_shop")
    assert in_repository


def test_without_git_a_revision_is_not_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sys.executable
    with pytest.raises(ContractError, match="no revision `HEAD`"):
        app_at_revision("HEAD", "shop")

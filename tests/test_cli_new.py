"""The commands `new`, `dev` and `completion`, and the options of `routes`."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from signette import App
from signette.cli import loading, serving
from signette.cli.command import main
from signette.cli.project import FILES, package_name
from signette.cli.server_options import VARIABLE
from tests.test_architecture import ROOT

NAMES, HINT = "`main.py`, `app.py`, `api.py`", "name a file: `signette dev shop.py`"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))

    def run(*words: str) -> tuple[int, str, str]:
        status = main(words)
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_a_new_project_passes_its_tests(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("new", "my-shop")
    assert status == 0
    assert out.endswith("  cd my-shop\n  signette dev\n  python -m pytest\n")
    folder = tmp_path / "my-shop"
    assert {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()} == {
        path.format(package="my_shop") for path in FILES
    }
    assert tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]["name"] == "my-shop"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"],
        cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def test_what_the_tests_of_a_new_project_need_is_to_be_installed_first(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signette.cli.project.find_spec", lambda module: None if module == "pytest" else object())
    _, out, _ = run("new", "shop")
    assert "  python -m pip install pytest 'signette[testclient]'\n  python -m pytest" in out


def test_nothing_of_a_template_is_left_in_a_new_project(run: Run, tmp_path: Path) -> None:
    run("new", "shop")
    texts = [file.read_text("utf-8") for file in (tmp_path / "shop").rglob("*") if file.is_file()]
    assert [text for text in texts if "{{" in text] == []


def test_a_project_is_written_to_an_empty_folder_only(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run("new", "empty")[0] == 0
    assert run("new", "empty") == (
        2, "", "signette: `empty` exists and is not empty\n  hint: choose another name, or remove it\n",
    )  # fmt: skip
    (tmp_path / "file").write_text("")
    assert run("new", "file")[0] == 2
    assert run("new", "file/shop")[2].startswith("signette: cannot write `file/shop`: ")


@pytest.mark.parametrize(
    ("name", "package"), [("shop", "shop"), ("My-Shop", "my_shop"), ("a.b_c", "a_b_c"), ("a", "a")]
)
def test_a_package_has_the_name_of_its_project(name: str, package: str) -> None:
    assert package_name(name) == package


@pytest.mark.parametrize("name", ["1shop", "class", "shop!", "my shop", "shop-", "läden"])
def test_a_name_that_no_package_can_have_is_rejected(run: Run, name: str, tmp_path: Path) -> None:
    status, _, err = run("new", name)
    assert status == 2
    assert err.startswith(f"signette: `{name}` cannot be the name of a package\n  hint: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["json", "os", "Statistics", "tests", "signette", "pydantic"])
def test_the_name_of_another_package_is_rejected(run: Run, name: str, tmp_path: Path) -> None:
    hint = f"choose another name: `{name}-api`"
    assert run("new", name) == (2, "", f"signette: `{name.lower()}` is the name of another package\n  hint: {hint}\n")
    assert list(tmp_path.iterdir()) == []


# -- dev ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The arguments of each server that would have been started."""
    started: list[Any] = []
    uvicorn = SimpleNamespace(run=lambda target, **options: started.append((target, options)))
    monkeypatch.setitem(sys.modules, "uvicorn", uvicorn)
    monkeypatch.setenv(VARIABLE, "")
    return started


@pytest.mark.parametrize("file", [*loading.CANDIDATES, "{own}/main.py", "{own}/__init__.py"])
def test_dev_finds_the_application_of_a_folder(
    run: Run, served: list[Any], tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / file.format(own=tmp_path.name)
    path.parent.mkdir(exist_ok=True)
    path.write_text("from signette import App\n\nshop = App()\n")
    for module in ("main", "app", "api", "app.main", "app.app", "app.api", tmp_path.name, f"{tmp_path.name}.main"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    status, _, err = run("dev", "--port", "8001")
    assert status == 0, err
    ((target, options),) = served
    assert target == "signette.cli.worker:application"
    assert json.loads(os.environ[VARIABLE])["app"].endswith(":shop")
    assert (options["reload"], options["port"]) == (True, 8001)
    assert err == (
        "API       http://127.0.0.1:8001\n"
        "API docs  http://127.0.0.1:8001/docs\n"
        "OpenAPI   http://127.0.0.1:8001/openapi.json\n"
    )


def test_dev_without_an_application_names_the_files_that_it_looked_for(run: Run) -> None:
    status, _, err = run("dev")
    assert (status, err) == (2, f"signette: no application in this folder: it has none of {NAMES}\n  hint: {HINT}\n")


def test_addresses_leave_out_pages_that_are_switched_off() -> None:
    assert serving.addresses(App(docs_url=None), "http://a") == [
        "API       http://a",
        "OpenAPI   http://a/openapi.json",
    ]
    assert serving.addresses(object(), "http://a") == ["API       http://a"]


# -- routes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "paths"),
    [
        (["/airports/{code}/reviews"], ["/airports/{code}/reviews", "/airports/{code}/reviews"]),
        (["--method", "delete"], ["/airports/{code}"]),
        (["reviews", "--method", "POST"], ["/airports/{code}/reviews"]),
    ],
)
def test_routes_are_filtered(run: Run, words: list[str], paths: list[str]) -> None:
    status, out, _ = run("routes", "examples.airports:app", *words)
    assert status == 0
    assert [line.split()[1] for line in out.splitlines()] == paths


def test_a_filter_that_no_route_fits_is_an_error(run: Run) -> None:
    status, out, err = run("routes", "examples.airports:app", "/nowhere")
    assert (status, out) == (2, "")
    assert err.startswith("signette: no route of `examples.airports:app` matches\n  hint: ")


def test_routes_are_printed_as_json(run: Run) -> None:
    _, out, _ = run("routes", "examples.airports:app", "--method", "DELETE", "--json")
    (route,) = json.loads(out)
    assert (route["methods"], route["path"]) == (["DELETE"], "/airports/{code}")


# -- completion --------------------------------------------------------------------------------------------------------


def test_completion_without_shtab_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert run("completion", "bash") == (
        2, "", "signette: `completion` needs shtab\n  hint: pip install 'signette[completion]'\n",
    )  # fmt: skip


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_a_script_for_a_shell_has_the_commands(run: Run, shell: str) -> None:
    status, out, _ = run("completion", shell)
    assert status == 0
    assert [word for word in ("routes", "explain", "openapi", "reload") if word not in out] == []

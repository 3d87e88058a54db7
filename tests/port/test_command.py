"""The command: what it writes, prints and returns."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from signette import cli

MAIN = """\
from fastapi import FastAPI
from fastapi.utils import helper

app = FastAPI()


@app.get("/")
def read() -> None: ...
"""
PORTED = """\
from signette import App
from fastapi.utils import helper

app = App()


@app.get("/")
def read() -> None: ...
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "main.py").write_text(MAIN, "utf-8")
    (folder / "plain.py").write_text("import os\n", "utf-8")
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["port", *arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return command


def test_files_are_rewritten_and_what_is_left_is_listed(shop: Path, run: Run) -> None:
    status, out, _ = run("shop")
    assert (shop / "main.py").read_text("utf-8") == PORTED
    assert status == 1
    assert (
        out
        == """\
rewrote shop/main.py

Left: change these yourself (1)
  `fastapi.utils.helper` has no counterpart
    shop/main.py:2:27

Behaves differently: look at these (1)
  an endpoint with `-> None` sends a 204; FastAPI sends a 200 with `null`
    hint: for `null`, set `default_response_class=JSONResponse` or remove the annotation; for an empty 200, \
set `status_code=200` \
(docs/how-to/from-fastapi.md)
    shop/main.py:8:1

1 file rewritten, 1 left to change, 1 place to look at
"""
    )


def test_a_second_run_writes_nothing_and_lists_the_same(shop: Path, run: Run) -> None:
    first = run("shop")[1]
    second = run("shop")[1]
    assert second == first.replace("rewrote shop/main.py\n", "").replace("1 file rewritten", "0 files rewritten")
    assert (shop / "main.py").read_text("utf-8") == PORTED


def test_the_status_is_0_when_nothing_is_left(shop: Path, run: Run) -> None:
    (shop / "main.py").write_text(MAIN.replace("from fastapi.utils import helper\n", ""), "utf-8")
    assert run("shop")[0] == 0
    assert run("shop", "--check")[0] == 0


def test_check_writes_nothing_and_fails_where_a_file_would_change(shop: Path, run: Run) -> None:
    (shop / "main.py").write_text("from fastapi import Query\n", "utf-8")
    status, out, _ = run("shop", "--check")
    assert status == 1
    assert out == "would rewrite shop/main.py\n\n1 file to rewrite, 0 left to change, 0 places to look at\n"
    assert (shop / "main.py").read_text("utf-8") == "from fastapi import Query\n"


def test_a_diff_is_all_that_goes_to_standard_output_and_can_be_applied(shop: Path, run: Run) -> None:
    (shop / "main.py").write_text(MAIN + "x = FastAPI", "utf-8")
    status, out, err = run("shop", "--diff")
    assert status == 1
    assert err.startswith("would rewrite shop/main.py\n")
    assert (shop / "main.py").read_text("utf-8") == MAIN + "x = FastAPI"
    done = subprocess.run(["git", "apply", "-p0"], input=out, text=True, check=False, cwd=shop.parent)
    assert done.returncode == 0
    assert (shop / "main.py").read_text("utf-8") == PORTED + "x = App"


def test_json_has_the_same_findings(shop: Path, run: Run) -> None:
    _, out, _ = run("shop", "--check", "--format", "json")
    report: dict[str, Any] = json.loads(out)
    assert report["changed"] == ["shop/main.py"]
    assert report["written"] is False
    assert [(each["kind"], each["rule"], each["line"]) for each in report["findings"]] == [
        ("left", "no-counterpart", 2),
        ("behavior", "none-is-204", 8),
    ]
    assert report["findings"][0] == {
        "path": "shop/main.py", "line": 2, "column": 27, "kind": "left", "rule": "no-counterpart",
        "problem": "`fastapi.utils.helper` has no counterpart", "advice": "", "page": "docs/how-to/from-fastapi.md",
    }  # fmt: skip


def test_names_are_kept_on_demand(shop: Path, run: Run) -> None:
    run("shop", "--keep-names")
    expected = MAIN.replace("from fastapi import FastAPI\n", "from signette import App as FastAPI\n")
    assert (shop / "main.py").read_text("utf-8") == expected


@pytest.mark.parametrize(
    "other",
    [
        "from shop.main import FastAPI\n",
        "from .main import (\n    FastAPI,\n)\n",
        "patch('shop.main.FastAPI')\n",
        "from .main import *\n\nx = FastAPI()\n",
    ],
)
def test_a_class_that_another_module_takes_from_here_keeps_its_name(shop: Path, run: Run, other: str) -> None:
    (shop / "other.py").write_text(f"# starlette\n{other}", "utf-8")
    run("shop")
    assert "from signette import App as FastAPI\n" in (shop / "main.py").read_text("utf-8")


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbffrom fastapi import Query\r\nx = '\xc3\xa9'\r\n",
        b"# coding: latin-1\nfrom fastapi import Query\nx = '\xe9'",
    ],
)
def test_encoding_byte_order_mark_and_line_ends_stay(shop: Path, run: Run, content: bytes) -> None:
    (shop / "main.py").write_bytes(content)
    assert run("shop")[0] == 0
    assert (shop / "main.py").read_bytes() == content.replace(b"fastapi", b"signette")


def test_a_file_that_cannot_be_read_is_reported_and_stays(shop: Path, run: Run) -> None:
    broken = b"import os\nfrom fastapi import Query\nx = = 1\n"
    (shop / "main.py").write_bytes(broken)
    (shop / "other.py").write_bytes(b"# fastapi\n\n\n# \xff\n")
    (shop / "unrelated.py").write_bytes(b"print 'signette'\n")
    status, out, _ = run("shop")
    assert status == 1
    assert (shop / "main.py").read_bytes() == broken
    assert (
        out
        == """\

Not read: these files are as they were (2)
  invalid syntax
    hint: fix the file, or leave it out
    shop/main.py:3:1
  not utf-8: invalid start byte
    hint: fix the file, or leave it out
    shop/other.py:4:1

0 files rewritten, 2 left to change, 0 places to look at
"""
    )


def test_requirements_and_notebooks_are_listed(shop: Path, run: Run) -> None:
    (shop / "main.py").unlink()
    (shop / "requirements.txt").write_text("pydantic\nfastapi[standard]>=0.115\n", "utf-8")
    (shop / "try.ipynb").write_text('{"source": ["import fastapi"]}', "utf-8")
    (shop / "else.ipynb").write_text("{}", "utf-8")
    status, out, _ = run("shop")
    assert status == 0
    assert (
        out
        == """\

Requirements (1)
  `fastapi` is required here
    hint: require `signette`, with the extras that you use: `server`, `testclient`, `templates`, `sessions`
    shop/requirements.txt:2:1

Notebooks: not handled (1)
  a notebook is not rewritten
    hint: change its imports yourself
    shop/try.ipynb:1:1

0 files rewritten, 0 left to change, 0 places to look at
"""
    )


def test_uncommitted_changes_are_mentioned(shop: Path, run: Run) -> None:
    git = ["git", "-C", str(shop.parent), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], check=True)
    assert "note:" not in run("shop")[1]
    (shop / "main.py").write_text(f"{MAIN}# more\n", "utf-8")
    note = "note: 1 file had uncommitted changes before; `git diff` shows both\n"
    assert run("shop")[1].endswith(note)


def test_a_path_that_does_not_exist_is_an_error_in_the_command_line(shop: Path, run: Run) -> None:
    status, _, err = run(str(shop / "nowhere"))
    assert status == 2
    assert err == f"signette: no file or folder `{shop}/nowhere`\n  hint: write the path relative to this folder\n"


def test_the_command_without_libcst_says_what_to_install(shop: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name="libcst")

    monkeypatch.setattr("signette.cli.porting.importlib.import_module", missing)
    assert run(str(shop)) == (2, "", "signette: `port` needs libcst\n  hint: pip install 'signette[port]'\n")

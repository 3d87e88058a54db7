"""The report as text, as JSON and as JUnit XML; and the command, its exit statuses and its progress bar."""

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from signette import cli
from signette.cli.colors import progress_bar
from signette.prove import Exchange, Finding, OperationReport, Report, Request
from signette.prove.files import write_report
from signette.prove.text import text_of

pytestmark = pytest.mark.thorough

EXCHANGES = (
    Exchange(Request("POST", "/items", (("Content-Type", "text/plain"),), b"\xff\x00"), 201, body=b'{"id": "f3a9"}'),
    Exchange(Request("GET", "/items/f3a9"), 500, body=b"x" * 1000),
)
FINDING = Finding(
    law="no-server-error",
    operation="read_item",
    message="the response is a 500",
    requests=(EXCHANGES[0].request, Request("GET", "/items/{response_1.id}")),
    statuses=(201, 500),
    is_reproduced=False,
    curl=("curl one", "curl two"),
    test="def test_it() -> None:\n    ...\n",
    exchanges=EXCHANGES,
)
CLEAN = OperationReport("home", "GET", "/", 3, ("no-server-error",), ("200",), (), (), (), note="cannot be read")
FAULTY = OperationReport(
    "read_item", "GET", "/items/{id}", 5, ("no-server-error", "declared-status"), ("200",), ("404",), (500,), (FINDING,)
)
REPORT = Report("Shop", 7, 50, (CLEAN, FAULTY), {"no-server-error": "No 500", "declared-status": "Declared"})


def test_the_text_has_a_line_for_each_operation_then_the_violations_then_the_summary() -> None:
    assert text_of(REPORT).split("\n") == [
        "ok    GET /            reached 200; no requests could be generated: cannot be read",
        "FAIL  GET /items/{id}  reached 200; never reached 404; undeclared 500",
        "",
        "GET /items/{id} violates no-server-error",
        "  problem: the response is a 500",
        "  note: the requests did not show it again after a new start of the application",
        "  requests:",
        "    POST /items -> 201 Created",
        "      curl one",
        "    GET /items/{response_1.id} -> 500 Internal Server Error",
        "      curl two",
        f"  response: {'x' * 300}...",
        "  test:",
        "    def test_it() -> None:",
        "        ...",
        "",
        "1 violation: 2 operations, 8 generated requests, 2 laws, 1 declared response never reached, seed 7",
    ]


def test_bodies_are_left_out_of_files(tmp_path: Path) -> None:
    write_report(REPORT, tmp_path / "deep" / "report.txt")
    assert (tmp_path / "deep" / "report.txt").read_text() == text_of(REPORT, with_bodies=False) + "\n"
    assert "xxx" not in text_of(REPORT, with_bodies=False)


def test_the_json_has_everything(tmp_path: Path) -> None:
    write_report(REPORT, tmp_path / "report.json")
    told = json.loads((tmp_path / "report.json").read_text())
    assert told == REPORT.as_dict()
    assert {name: told[name] for name in ("title", "seed", "max_examples")} == {
        "title": "Shop", "seed": 7, "max_examples": 50,
    }  # fmt: skip
    clean, faulty = told["operations"]
    assert clean["note"] == "cannot be read"
    assert faulty["responses"] == {"reached": ["200"], "never_reached": ["404"], "undeclared": [500]}
    assert faulty["violations"][0]["requests"][0] == {
        "method": "POST",
        "target": "/items",
        "headers": [["Content-Type", "text/plain"]],
        "body": "\\xff\x00",
        "status": 201,
    }


def test_the_junit_file_has_a_test_case_for_each_law_of_each_operation(tmp_path: Path) -> None:
    write_report(REPORT, tmp_path / "report.xml")
    root = ET.parse(tmp_path / "report.xml").getroot()
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "3", "1")
    suites = {suite.get("name"): suite for suite in root}
    assert suites.keys() == {"GET /", "GET /items/{id}"}
    cases = suites["GET /items/{id}"].findall("testcase")
    assert [(case.get("classname"), case.get("name"), len(case)) for case in cases] == [
        ("read_item", "no-server-error", 1), ("read_item", "declared-status", 0),
    ]  # fmt: skip
    failure = cases[0][0]
    assert failure.get("message") == "the response is a 500"
    assert "curl two" in (failure.text or "")
    assert "never reached: 404" in (suites["GET /items/{id}"].findtext("system-out") or "")


APP = """
from signette import App, Problem
from signette.prove import Law, Request

app = App()
names = []


class Gone(Problem, status=410): ...


@app.get("/fine")
async def fine(page: int = 0) -> int | Gone:
    return page


@app.get("/broken")
async def broken() -> int:
    raise LookupError


class NotFine(Law):
    name = "not-fine"
    summary = "Nothing is fine"

    async def check(self, operation, exchange, send):
        return [self.violation(operation, "it is fine", exchange)]


def forget():
    names.clear()


async def before(send):
    names.append((await send(Request("GET", "/fine"))).status)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "proved.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setenv("PYTHONPATH", "")
    yield tmp_path
    sys.modules.pop("proved", None)


def prove(*arguments: str) -> int:
    return cli.main(["prove", "proved:app", "--max-examples", "2", *arguments])


def test_the_exit_status_is_that_of_the_laws(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = ["--report", "proof.xml", "--report", "proof.json"]
    assert prove("--operation", "fine", "--before", "proved:before", "--reset", "proved:forget", *reports) == 0
    out = capsys.readouterr().out
    assert out.startswith("ok    GET /fine  reached 200")
    assert "no law is violated: 1 operation," in out
    assert json.loads((folder / "proof.json").read_text())["title"] == "API"
    assert (folder / "proof.xml").exists()
    assert prove("--exclude", "fine") == 1
    assert "FAIL  GET /broken" in capsys.readouterr().out


def test_a_custom_law_is_named_on_the_command_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove("--operation", "fine", "--law", "proved:NotFine") == 1
    assert "violates not-fine" in capsys.readouterr().out
    assert prove("--operation", "fine", "--law", "proved:NotFine", "--without", "not-fine") == 0
    assert prove("--law", "proved:NotFine", "--laws") == 0
    assert "not-fine             " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--operation", "fin"], "no operation is named `fin`"),
        (["--without", "gravity"], "no law is named `gravity`"),
        (["--header", "X-Key"], "`--header 'X-Key'` is not a header"),
        (["--law", "proved"], "`proved` is not `module:name`"),
        (["--law", "proved:names"], "module `proved` has no function or class `names`"),
        (["--before", "nowhere:before"], "no module named `nowhere`"),
        (["--report", "."], "`--report .` is a folder"),
        (["--max-examples", "0"], "max_examples must be at least 1"),
        (["--timeout", "0"], "timeout must be more than 0"),
    ],
)
def test_a_wrong_argument_is_reported(
    arguments: list[str], message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prove(*arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "shown"),
    [
        ("RuntimeError('no database')", "signette: the application did not start: RuntimeError: no database\n"),
        (
            "ExceptionGroup('tasks', [OSError('no cache')])",
            "signette: the application did not start: OSError: no cache\n",
        ),
        (
            "SignatureError('shop.read', 'a mistake', 'change it')",
            "signette: shop.read\n  problem: a mistake\n  hint: change it\n",
        ),
    ],
)
def test_an_application_that_does_not_start_is_an_error_without_a_traceback(
    raised: str, shown: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "unstarted.py").write_text(
        "from contextlib import asynccontextmanager\n\n"
        "from signette import App\n"
        "from signette.declarative.errors.base import SignatureError\n\n\n"
        "@asynccontextmanager\n"
        "async def lifespan(app):\n"
        f"    raise {raised}\n"
        "    yield\n\n\n"
        "app = App(lifespan=lifespan)\n"
        "app.get('/')(lambda: 1)\n"
    )
    try:
        assert cli.main(["prove", "unstarted:app"]) == 2
    finally:
        sys.modules.pop("unstarted", None)
    assert capsys.readouterr().err.endswith(shown)


def test_the_command_without_its_library_says_what_to_install(folder: Path) -> None:
    code = (
        "import sys; sys.modules['schemathesis'] = None\n"
        "from signette import cli; raise SystemExit(cli.main(['prove', 'proved:app']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 2
    assert "`prove` needs schemathesis\n  hint: pip install 'signette[prove]'" in done.stderr


def test_laws_can_be_written_without_the_library() -> None:
    code = "import sys; sys.modules['schemathesis'] = None; from signette.prove import Law, Request, Violation"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_terminal_shows_a_progress_bar_that_disappears() -> None:
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as terminal, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "xterm-256color")
        patch.delenv("NO_COLOR", raising=False)
        with progress_bar(terminal) as progress:
            progress(1, 3, "GET /[items]")
        shown = os.read(leader, 65536).decode()
    os.close(leader)
    assert "1/3" in shown
    assert "GET /[items]" in shown
    assert "\x1b[2K" in shown


def test_elsewhere_no_progress_is_shown() -> None:
    file = io.StringIO()
    with progress_bar(file) as progress:
        progress(1, 3, "GET /items")
    assert file.getvalue() == ""

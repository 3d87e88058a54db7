"""The command: in this process where it prints and ends, in its own process where it serves."""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from signette import __version__
from signette.cli.command import main, make_parser
from signette.cli.errors import UsageError
from signette.cli.loading import asgi_application, load
from tests.docs.tables import tables_of
from tests.timeouts import SECONDS

ROOT = Path(__file__).parent.parent

SHOP = """
from contextlib import asynccontextmanager

from signette import App, Mount, Request, Router, WebSocket, WebSocketRoute
from signette.applications import Application
from signette.responses import PlainTextResponse
from signette.routing import Host, Route


@asynccontextmanager
async def lifespan(app):
    yield
    print("the shop is closed")


app = App(title="Shöp", lifespan=lifespan)


@app.get("/items/{item_id}")
async def read_item(item_id: int, q: str | None = None) -> dict[str, int]:
    return {"item_id": item_id}


@app.websocket("/feed")
async def feed(websocket: WebSocket, room: int = 1) -> None: ...


async def about(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(request.url_for("about")))


async def listen(websocket: WebSocket) -> None: ...


inner = Application(routes=[Route("/about", about, methods=["GET"])])
app.routes.extend([
    Route("/about", about, methods=["GET"], name="about"),
    WebSocketRoute("/raw", listen),
    Mount("/inner", inner, name="inner"),
    Host("api.example.org", inner),
])
"""
PLAIN = """
from signette.applications import Application

site = Application()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that the command is run in; what it does to the interpreter is undone."""
    (tmp_path / "cli_shop.py").write_text(SHOP, encoding="utf-8")
    (tmp_path / "cli_plain.py").write_text(PLAIN)
    (tmp_path / "pack" / "sub").mkdir(parents=True)
    (tmp_path / "pack" / "__init__.py").write_text("")
    (tmp_path / "pack" / "sub" / "__init__.py").write_text("from pack.sub.main import api")
    (tmp_path / "pack" / "sub" / "main.py").write_text(
        "from signette import App\napi = other = App(title='In a package')"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each])
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]


@dataclass
class Told:
    """What a run of the command wrote, and the status that it ended with."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str) -> Told:
        try:
            status = main(words)
        except SystemExit as exc:  # argparse ends so
            status = int(exc.code or 0)
        return Told(status, *capsys.readouterr())

    return run


# -- finding the application -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "cli_shop",
        "cli_shop:app",
        "cli_shop.py",
        "./cli_shop.py",
        "cli_shop.py:app",
        "{folder}/cli_shop.py",
        "{folder}/cli_shop.py:app",
    ],
)
def test_an_application_is_found_by_module_by_name_and_by_file(run: Any, folder: Path, said: str) -> None:
    told = run("openapi", said.format(folder=folder))
    assert (told.status, told.err) == (0, "")
    assert json.loads(told.out)["info"]["title"] == "Shöp"


@pytest.mark.parametrize("said", ["pack.sub.main", "pack.sub", "pack/sub/main.py", "pack/sub/", "pack.sub.main:other"])
def test_a_package_is_imported_by_its_whole_name_and_its_one_application_is_found(run: Any, said: str) -> None:
    told = run("openapi", said)
    assert (told.status, told.err) == (0, "")
    assert json.loads(told.out)["info"]["title"] == "In a package"


def test_a_module_of_one_letter_is_found(run: Any, folder: Path) -> None:
    (folder / "q.py").write_text("from signette import App\napp = App()")
    assert run("routes", "q:app").status == 0


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("nowhere", "no module named `nowhere`\n  hint: run the command in the folder that contains it"),
        ("pack.in:app", "no module named `pack.in`\n  hint: run the command in the folder that contains it"),
        ("nowhere.py", "no file `nowhere.py` in folder `{folder}`\n  hint: write the path relative to this folder"),
        ("pack/other/", "no file `other` in folder `pack`\n  hint: write the path relative to this folder"),
        (":app", "`:app` has no module name\n  hint: write `module:name`, or the path of a file"),
        ("..cli_shop:app", "`..cli_shop` is not a module name\n  hint: write it as in an import: `shop.main`"),
        ("cli_shop.:app", "`cli_shop.` is not a module name\n  hint: write it as in an import: `shop.main`"),
        ("cli_plain:app", "module `cli_plain` has no attribute `app`\n  hint: use one that it has: `cli_plain:site`"),
        ("cli_shop:shop", "module `cli_shop` has no attribute `shop`\n  hint: use one that it has: `cli_shop:app`"),
        ("pack", "module `pack` has no attribute `app`\n  hint: add one: `app = App()`"),
        ("cli_shop:about", ("`cli_shop:about` is not an application: its type is `function`\n"
                           "  hint: name a `signette.App`")),
        ("cli_shop:App", "`cli_shop:App` is not an application: its type is `type`\n  hint: name a `signette.App`"),
        ("several", "module `several` has several applications: one, two\n  hint: choose one: `several:one`"),
        ("json.py", "`json` is the name of a standard library module\n  hint: rename the file"),
    ],
)  # fmt: skip
def test_what_is_no_application_is_reported_with_what_to_do(run: Any, folder: Path, said: str, message: str) -> None:
    (folder / "several.py").write_text("from signette import App\none = App()\ntwo = App()")
    (folder / "json.py").write_text("from signette import App\napp = App()")
    told = run("routes", said)
    assert (told.status, told.out) == (2, "")
    assert told.err == f"signette: {message.format(folder=folder.name)}\n"


def test_a_module_that_lacks_one_of_its_own_imports_shows_its_traceback(run: Any, folder: Path) -> None:
    (folder / "lacking.py").write_text("import no_such_library\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        run("routes", "lacking")


def test_a_invalid_signature_is_reported_without_a_traceback(run: Any, folder: Path) -> None:
    endpoint = "@app.get('/')\ndef read(b: Annotated[int, Path()]): ...\n"
    head = "from typing import Annotated\nfrom signette import App, Path\napp = App()\n"
    (folder / "mistaken.py").write_text(head + endpoint)
    told = run("routes", "mistaken")
    assert told.status == 2
    assert re.match(r"signette: .*\bread\b", told.err)
    assert "mistaken.py:4" in told.err
    assert "Traceback" not in told.err


# -- routes, explain, openapi ------------------------------------------------------------------------------------------


def test_routes_are_listed_in_the_order_in_which_they_are_asked(run: Any) -> None:
    told = run("routes", "cli_shop")
    assert (told.status, told.err) == (0, "")
    assert [line.split() for line in told.out.splitlines()][4:] == [
        ["GET,HEAD", "/items/{item_id}", "read_item", "cli_shop.read_item"],
        ["WEBSOCKET", "/feed", "feed", "cli_shop.feed"],
        ["GET,HEAD", "/about", "about", "cli_shop.about"],
        ["WEBSOCKET", "/raw", "listen", "cli_shop.listen"],
        ["MOUNT", "/inner", "inner", "signette.applications.Application"],
        ["GET,HEAD", "/inner/about", "about", "cli_shop.about"],
        ["HOST", "api.example.org", "signette.applications.Application"],
        ["GET,HEAD", "api.example.org/about", "about", "cli_shop.about"],
    ]
    assert len({line.rindex(" ") for line in told.out.splitlines()}) == 1  # columns


def test_an_application_without_routes_lists_nothing(run: Any) -> None:
    assert run("routes", "cli_plain") == Told(0, "", "")


@pytest.mark.parametrize("operation", ["GET /items/{item_id}", "get /items/3", "/items/3"])
def test_a_route_is_explained_by_its_template_or_by_a_real_path(run: Any, operation: str) -> None:
    told = run("explain", "cli_shop", operation)
    assert (told.status, told.err) == (0, "")
    assert "/items/{item_id} -> cli_shop.read_item" in told.out.splitlines()[0]
    assert '  read     item_id path "item_id": int' in told.out.splitlines()
    assert "def " not in told.out


def test_the_source_of_a_binder_is_shown_where_it_is_asked_for(run: Any) -> None:
    told = run("explain", "cli_shop", "GET /items/3", "--source")
    source = told.out.partition("def ")[2]
    assert "item_id" in source
    assert told.out.startswith(run("explain", "cli_shop", "GET /items/3").out.rstrip("\n"))


def test_all_plans_are_printed_where_no_operation_is_named(run: Any) -> None:
    heads = [line for line in run("explain", "cli_shop").out.splitlines() if line and not line.startswith(" ")]
    assert ["read_item" in heads[0], "WEBSOCKET /feed" in heads[1], len(heads)] == [True, True, 2]


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("GET /item/3", "no typed route matches `GET /item/3`; did you mean `GET /items/{item_id}`?"),
        ("GET /zzzzzzzzzz", "no typed route matches `GET /zzzzzzzzzz`"),
    ],
)
def test_an_operation_that_is_not_there_is_reported_with_the_nearest(run: Any, operation: str, message: str) -> None:
    told = run("explain", "cli_shop:app", operation)
    assert (told.status, told.out) == (2, "")
    assert told.err.startswith(f"signette: {message}")
    assert told.err.endswith("\n  hint: `signette routes cli_shop:app` lists all routes\n")


@pytest.mark.parametrize("words", [[], ["GET /"], ["--source"]])
def test_a_plain_application_has_no_plans_to_explain(run: Any, words: list[str]) -> None:
    assert run("explain", "cli_plain", *words) == Told(
        2,
        "",
        "signette: `cli_plain` has no typed routes\n  hint: `signette routes cli_plain` lists all routes\n",
    )


def test_the_document_is_printed_as_it_is_served(run: Any) -> None:
    told = run("openapi", "cli_shop")
    assert json.loads(told.out) == sys.modules["cli_shop"].app.openapi()
    assert told.out.startswith('{\n  "openapi": "3.1.0",\n')
    assert told.out.endswith("}\n")
    assert "Shöp" in told.out


def test_the_document_can_stand_on_one_line(run: Any) -> None:
    assert run("openapi", "cli_shop", "--indent", "0").out.count("\n") == 1


def test_the_document_is_written_to_a_file(run: Any, folder: Path) -> None:
    assert run("openapi", "cli_shop", "-o", "openapi.json") == Told(0, "", "")
    assert (folder / "openapi.json").read_text("utf-8") == run("openapi", "cli_shop").out


def test_a_file_that_cannot_be_written_is_reported(run: Any) -> None:
    told = run("openapi", "cli_shop", "-o", "missing/openapi.json")
    assert told == Told(
        2, "", "signette: cannot write `missing/openapi.json`: No such file or directory\n"
        "  hint: name a file in an existing folder\n",
    )  # fmt: skip


def test_a_plain_application_has_no_document(run: Any) -> None:
    assert run("openapi", "cli_plain") == Told(
        2,
        "",
        "signette: `cli_plain` is a plain application without documents\n  hint: make it a `signette.App`\n",
    )


# -- the command line --------------------------------------------------------------------------------------------------


def test_the_version_is_printed(run: Any) -> None:
    assert run("--version") == Told(0, f"signette {__version__}\n", "")


@pytest.mark.parametrize("verb", ["run", "routes", "explain", "openapi", "asyncapi", "port"])
def test_each_verb_is_taught(run: Any, verb: str) -> None:
    assert f"\n    {verb} " in run("--help").out
    argument = "files, and folders that are searched" if verb == "port" else "the application: `module:name`"
    assert argument in " ".join(run(verb, "--help").out.split())


def option_cell(option: argparse.Action) -> str:
    """How the page writes an option: each spelling with its default, or with a word for the value that has none."""
    value = option.metavar if option.default is None else option.default
    shown = "" if option.nargs == 0 else f" {chr(34) * 2 if value in (None, '') else value}"
    return ", ".join(f"`{name}{shown}`" for name in option.option_strings)


def test_the_page_on_the_command_has_the_options_of_each_verb_with_their_defaults() -> None:
    (verbs,) = [each for each in make_parser()._actions if isinstance(each, argparse._SubParsersAction)]
    options = {
        f"options of {verb}": [
            option_cell(each) for each in parser._actions if each.option_strings and each.dest != "help"
        ]
        for verb, parser in verbs.choices.items()
    }
    told = {name: [row[0] for row in rows] for name, rows in tables_of("reference/command").items()}
    assert told == {name: cells for name, cells in options.items() if cells}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["brew"], "invalid choice: 'brew'"),
        (["run"], "the following arguments are required: app"),
        (["run", "cli_shop", "--port", "http"], "argument --port: a port is a number from 0 to 65535, not 'http'"),
        (["run", "cli_shop", "--port", "65536"], "argument --port: a port is a number from 0 to 65535, not '65536'"),
        (["run", "cli_shop", "--port", "-1"], "argument --port: a port is a number from 0 to 65535, not '-1'"),
        (["run", "cli_shop", "--workers", "0"], "argument --workers: must be a whole number of at least 1, not '0'"),
        (["run", "cli_shop", "--log-level", "loud"], "argument --log-level: invalid choice: 'loud'"),
    ],
)
def test_a_line_that_cannot_be_read_is_rejected(run: Any, words: list[str], message: str) -> None:
    told = run(*words)
    assert (told.status, told.out) == (2, "")
    assert message in told.err


def test_one_process_reloads(run: Any) -> None:
    assert run("run", "cli_shop", "--reload", "--workers", "2") == Told(
        2, "", "signette: `--reload` works with one process only\n  hint: remove `--workers`\n"
    )


def test_a_missing_uvicorn_is_reported_with_what_to_install(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert run("run", "cli_shop") == Told(
        2, "", "signette: `run` needs uvicorn\n  hint: pip install 'signette[server]'\n"
    )


def test_an_application_that_is_not_there_is_not_served(run: Any) -> None:
    assert run("run", "nowhere:app").err.startswith("signette: no module named `nowhere`\n")


# -- in its own process ------------------------------------------------------------------------------------------------


def command(*words: str) -> list[str]:
    # As the installed script does, it starts without the folder that it is run in on Python's path.
    return [sys.executable, "-P", "-m", "signette.cli", *words]


class Serving:
    """A server that is running: its process, its address, and what it has written so far."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.written: list[str] = []
        # One process says first that it is ready, and then where; several say it the other way round.
        self.wait_for("Application startup complete", "Uvicorn running on")
        self.url = re.findall(r"Uvicorn running on (http://\S+)", "".join(self.written))[0]

    def wait_for(self, *texts: str) -> None:
        """Read until each of the texts has been written."""
        assert self.process.stderr is not None
        missing = set(texts)
        for line in self.process.stderr:
            self.written.append(line)
            missing -= {text for text in missing if text in line}
            if not missing:
                return
        raise AssertionError(f"it ended without {missing}: {''.join(self.written)}")

    def get(self, path: str) -> str:
        end = time.monotonic() + SECONDS
        while True:
            try:
                with urllib.request.urlopen(self.url + path, timeout=SECONDS) as answer:
                    return str(answer.read().decode())
            except urllib.error.URLError:
                # A process among several says that it is ready just before it listens.
                assert self.process.poll() is None
                assert time.monotonic() < end

    def end(self, number: int) -> tuple[int, str, str]:
        """Send the signal as a terminal or a supervisor does; the status, and what was written to both outputs."""
        if number == signal.SIGINT:  # a terminal's Ctrl-C goes to the workers, too
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, out, "".join(self.written) + err


@contextmanager
def started(*words: str) -> Iterator["subprocess.Popen[str]"]:
    """The command in its own group of processes, which all end with the block, or after a minute."""
    # A job in the background of a shell ignores Ctrl-C, and so would what it starts.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        command(*words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, handler)
    with process:

        def kill() -> None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

        watch = threading.Timer(SECONDS, kill)
        watch.start()
        try:
            yield process
        finally:
            watch.cancel()
            kill()


@contextmanager
def serving(*words: str) -> Iterator[Serving]:
    with started("run", *words, "--port", "0") as process:
        yield Serving(process)


@contextmanager
def written_again(file: Path, text: str) -> Iterator[None]:
    """Change a file until the block ends, as no one says when a watch on it has begun."""
    noticed = threading.Event()

    def write() -> None:
        while not noticed.is_set():
            file.write_text(text)
            noticed.wait(0.5)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        noticed.set()
        thread.join()


@pytest.mark.parametrize("said", ["cli_shop:app", "cli_shop.py"])
def test_an_application_is_served_until_ctrl_c(folder: Path, said: str) -> None:
    with serving(said) as server:
        assert server.url.startswith("http://127.0.0.1:")
        assert json.loads(server.get("/items/3")) == {"item_id": 3}
        status, out, err = server.end(signal.SIGINT)
    assert status == 0
    assert "the shop is closed" in out
    assert "Traceback" not in err


def test_a_stopped_server_closes_the_application_first(folder: Path) -> None:
    with serving("cli_shop:app") as server:
        status, out, err = server.end(signal.SIGTERM)
    # uvicorn ends by the signal that it got, as the sender expects.
    assert status in {0, -signal.SIGTERM}
    assert "the shop is closed" in out
    assert "Traceback" not in err


def test_a_root_path_is_in_the_urls_that_the_application_makes(folder: Path) -> None:
    with serving("cli_shop", "--root-path", "/shop") as server:
        assert server.get("/about") == f"{server.url}/shop/about"


def test_a_package_is_served_by_several_processes(folder: Path) -> None:
    with serving("pack/sub/main.py", "--workers", "2") as server:
        server.wait_for("Application startup complete")  # of the second
        assert json.loads(server.get("/openapi.json"))["info"]["title"] == "In a package"
        status, _, err = server.end(signal.SIGINT)
    assert status == 0
    assert "Traceback" not in err


def test_a_change_of_a_file_is_served(folder: Path) -> None:
    page = "from signette import App\napp = App(title='{title}')\n"
    (folder / "changing.py").write_text(page.format(title="before"))
    with serving("changing:app", "--reload") as server:
        assert '"before"' in server.get("/openapi.json")
        with written_again(folder / "changing.py", page.format(title="and after")):
            server.wait_for("Reloading")
        server.wait_for("Application startup complete")
        assert '"and after"' in server.get("/openapi.json")
        status, _, err = server.end(signal.SIGINT)
    assert status == 0
    assert "Traceback" not in err


def test_ctrl_c_while_an_application_is_imported_ends_with_130(folder: Path) -> None:
    (folder / "slow.py").write_text("import sys\nprint('importing', file=sys.stderr, flush=True)\nsys.stdin.read()\n")
    with started("routes", "slow") as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "importing\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (130, "")


def test_a_reader_that_goes_away_makes_no_noise(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command("openapi", "cli_shop"), stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_an_application_is_found_in_what_was_put_around_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wrapped_shop.py").write_text(
        "from signette import App\n"
        "inner = App(title='Inner')\n"
        "inner.get('/a')(lambda: 1)\n"
        "class Around:\n"
        "    def __init__(self, app):\n"
        "        self.app = app\n"
        "    async def __call__(self, scope, receive, send):\n"
        "        await self.app(scope, receive, send)\n"
        "app = Around(inner)\n"
        "lost = Around(3)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert load("wrapped_shop:app").info.title == "Inner"  # type: ignore[attr-defined]  # it is an `App`
    assert type(asgi_application("wrapped_shop:app")).__name__ == "Around"
    with pytest.raises(UsageError, match="not an application"):
        load("wrapped_shop:lost")


def test_the_command_is_a_module_too() -> None:
    done = subprocess.run([sys.executable, "-m", "signette", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("signette ")

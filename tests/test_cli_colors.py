"""Colours of the command: in a terminal only, never necessary, and never a part of the text."""

import io
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from signette.cli import colors
from signette.cli.command import main

APP = """
from typing import Annotated
from signette import App, Header, Problem

app = App(docs=None)


class Gone(Problem, status=410):
    "It was removed."


@app.get("/items/{item_id}")
async def read_item(item_id: int, x_key: Annotated[str, Header()] = "[bold]") -> str | Gone:
    return "x"


@app.delete("/items/{item_id}")
async def delete_item(item_id: int) -> None: ...
"""
MISTAKE = "from signette import App\n\napp = App()\n\n\n@app.get('/{a}')\nasync def read(b: list): ...\n"
COMMANDS = [
    ["routes", "colored:app"],
    ["explain", "colored:app"],
    ["explain", "colored:app", "GET /items/3", "--source"],
]
FAILURES = [["routes", "nowhere:app"], ["routes", "mistaken:app"], ["explain", "colored:app", "GET /nowhere"]]
CODE = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "colored.py").write_text(APP)
    (tmp_path / "mistaken.py").write_text(MISTAKE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for module in ("colored", "mistaken"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    for variable in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str], type[io.StringIO]], str]:
    """What a command prints on streams of a type."""

    def run(arguments: list[str], kind: type[io.StringIO]) -> str:
        streams = kind(), kind()
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", streams[0])
            patched.setattr(sys, "stderr", streams[1])
            main(arguments)
        return "".join(stream.getvalue() for stream in streams)

    return run


@pytest.mark.parametrize("arguments", [*COMMANDS, *FAILURES], ids=" ".join)
def test_the_text_is_the_same_in_colours(printed: Callable[..., str], arguments: list[str]) -> None:
    colored, plain = printed(arguments, Terminal), printed(arguments, io.StringIO)
    assert CODE.search(colored)
    assert not CODE.search(plain)
    assert CODE.sub("", colored) == plain


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_the_environment_turns_colours_off(
    printed: Callable[..., str], monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert not CODE.search(printed(COMMANDS[0], Terminal))


def test_an_empty_no_color_turns_nothing_off(printed: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert CODE.search(printed(COMMANDS[0], Terminal))


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_without_rich_there_are_no_colours(
    printed: Callable[..., str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    plain = printed(arguments, io.StringIO)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert printed(arguments, Terminal) == plain


@pytest.mark.parametrize(
    ("parts", "text", "found"),
    [
        (colors.ROUTES, "GET,HEAD  /a  name  m.f", {"get": "GET", "path": "/a", "note": " m.f"}),
        (colors.ROUTES, "MOUNT     /a    m.f", {"other": "MOUNT", "path": "/a", "note": " m.f"}),
        (colors.PLAN, "POST /a -> m.f (m.py:1)", {"post": "POST", "path": "/a", "note": "-> m.f (m.py:1)"}),
        (colors.PLAN, '  read     a query "b": str = "c"', {"step": "read", "text": '"b"'}),
        (colors.PLAN, "  call     a m.f(b)   in a worker thread", {"step": "call", "note": "   in a worker thread"}),
        (colors.PLAN, "  response 200 json | 302 empty | 404 problem",
         {"step": "response", "success": "200", "redirect": "302", "failure": "404"}),
        (colors.ERROR, "signette: no `a`\n  hint: do", {"error": "signette:", "path": "`a`", "hint": "hint:"}),
        (colors.ADDRESS, "API docs  http://127.0.0.1:8000/docs", {"address": "http://127.0.0.1:8000/docs"}),
    ],
)  # fmt: skip
def test_the_parts_of_a_text_have_styles(parts: tuple[str, ...], text: str, found: dict[str, str]) -> None:
    seen = {
        name: value
        for part in parts
        for match in re.finditer(part, text, re.MULTILINE)
        for name, value in match.groupdict().items()
        if value
    }
    assert seen == found
    assert seen.keys() <= colors.STYLES.keys()


def test_a_real_terminal_shows_colours() -> None:
    own, other = pty.openpty()
    command = [sys.executable, "-m", "signette.cli", "routes", "colored:app"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=other, env=environment) as process:
        assert process.wait() == 0
    os.close(other)
    text = os.read(own, 10_000).decode()
    os.close(own)
    assert "\x1b[" in text
    assert "/items/{item_id}" in CODE.sub("", text)

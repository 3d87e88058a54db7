"""Runs what blocks.py reads: a page's Python blocks, in order in one module, and its requests."""

import contextlib
import importlib.util
import inspect
import json
import re
import shlex
import subprocess
import sys
import types
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from signette.testclient import TestClient
from tests.docs.blocks import Block, Try, blocks_of, tries_of

ROOT = Path(__file__).parent.parent.parent
# Commands that pages show and that are no part of this project.
FOREIGN_COMMANDS = {
    "cd",
    "curl",
    "docker",
    "kubectl",
    "serve",
    "eval",
    "export",
    "git",
    "pip",
    "source",
    "uvicorn",
    "hypercorn",
    "granian",
    "wrk",
}
SHELLS = {"shell", "sh", "bash", "console"}


def run_page(page: Path, text: str, root: Path = ROOT) -> None:
    """Run a page from top to bottom. What it says that is not so comes out as an exception with its place."""
    with page_module(page) as module:
        for block in blocks_of(page, text):
            if block.included_from is not None:
                source = (root / block.included_from).read_text(encoding="utf-8")
                assert block.text.strip() in source, f"{block.place}: not the content of {block.included_from}"
            if block.language == "python":
                _run_python(block, module, root)
            elif block.language in SHELLS:
                for command in commands_of(block.text):
                    check_command(command, block.place)
            elif block.language == "json":
                _check_json(block)


@contextlib.contextmanager
def page_module(page: Path) -> Iterator[types.ModuleType]:
    """A module for the page's names: annotations, dataclasses and pickles look names up in `sys.modules`."""
    module = types.ModuleType("page_" + re.sub(r"\W", "_", str(page.with_suffix(""))))
    sys.modules[module.__name__] = module
    try:
        yield module
    finally:
        del sys.modules[module.__name__]


def _run_python(block: Block, module: types.ModuleType, root: Path) -> None:
    # Lines before the block make a traceback name the page's own line.
    code = compile("\n" * (block.line - 1) + block.text, str(root / block.page), "exec", dont_inherit=True)
    tries = tries_of(block.page, block.line, block.text)
    if not block.runs:
        return
    before = dict(vars(module))
    exec(code, vars(module))
    for name, value in list(vars(module).items()):
        if name.startswith("test_") and before.get(name) is not value:
            _run_test(block, value)
    send(tries, vars(module))


def _run_test(block: Block, function: Any) -> None:
    assert not inspect.iscoroutinefunction(function), f"{block.place}: `{function.__name__}` must be a plain `def`"
    assert not inspect.signature(function).parameters, f"{block.place}: `{function.__name__}` needs fixtures"
    function()


def send(tries: list[Try], namespace: dict[str, Any]) -> None:
    """Send each request to the `app` of a namespace, with its lifespan around them."""
    if not tries:
        return
    assert "app" in namespace, f"{tries[0].place}: there is no `app` to send it to"
    with TestClient(namespace["app"]) as client:
        for one in tries:
            one.check(client)


def commands_of(text: str) -> list[list[str]]:
    """The commands of a shell block as words; without prompts, comments, and what `$` lines printed."""
    lines = text.replace("\\\n", " ").splitlines()
    if any(line.startswith("$ ") for line in lines):
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    found, pending = [], ""
    for line in lines:
        pending += line
        try:
            found.append(shlex.split(pending, comments=True))
            pending = ""
        except ValueError:  # a quotation goes on in the next line
            pending += "\n"
    assert not pending, f"a quotation is never closed: {pending!r}"
    return [command for command in found if command]


def check_command(command: list[str], place: str) -> None:
    """Reject a command that the project does not have: a target of `make`, a command of `signette`, a Python module."""
    while command and re.fullmatch(r"\w+=.*", command[0]):
        command = command[1:]
    if not command:
        return
    name, *rest = [Path(command[0]).name, *command[1:]]
    if name == "make":
        unknown = {word for word in rest if "=" not in word and not word.startswith("-")} - make_verbs()
        assert not unknown, f"{place}: the Makefile has no verb {sorted(unknown)}"
    elif name == "signette":
        assert rest, f"{place}: `signette` needs a verb"
        assert is_signette_verb(rest[0]), f"{place}: the command `signette` has no verb `{rest[0]}`"
    elif name.startswith("python"):
        if rest[:1] == ["-m"]:
            assert importlib.util.find_spec(rest[1]) is not None, f"{place}: there is no module `{rest[1]}`"
    else:
        assert name in FOREIGN_COMMANDS, f"{place}: `{name}` is no command that this project knows"


def make_verbs() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@cache
def is_signette_verb(verb: str) -> bool:
    """Whether the command has a help text for the verb."""
    code = "import sys; from signette.cli import main; sys.argv[0] = 'signette'; sys.exit(main())"
    requested = [sys.executable, "-c", code, verb, "--help"]
    return subprocess.run(requested, capture_output=True, check=False, cwd=ROOT).returncode == 0


def _check_json(block: Block) -> None:
    try:
        json.loads(block.text)
    except ValueError as exc:
        raise AssertionError(f"{block.place}: not JSON: {exc}") from exc

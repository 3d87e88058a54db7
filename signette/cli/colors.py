"""Texts in a terminal, with colours by the library rich, if it is installed.

A text is the same with and without colours. Regular expressions name its parts by their groups, and a group has the
name of a style: `(?P<path>/\\S*)`.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

STYLES = {
    "get": "bold blue",
    "post": "bold green",
    "put": "bold yellow",
    "patch": "bold magenta",
    "delete": "bold red",
    "other": "bold cyan",
    "path": "bold",
    "step": "cyan",
    "text": "green",
    "note": "dim",
    "success": "green",
    "redirect": "yellow",
    "failure": "red",
    "error": "bold red",
    "hint": "bold yellow",
    "address": "underline",
}

METHOD = (
    r"(?:(?P<get>GET|HEAD)|(?P<post>POST)|(?P<put>PUT)|(?P<patch>PATCH)|(?P<delete>DELETE)|(?P<other>[A-Z]+))\b[A-Z,/]*"
)
ROUTES = (rf"^{METHOD} +(?P<path>\S*)", r"(?P<note> \S+)$")
PLAN = (
    rf"^{METHOD} (?P<path>\S+) (?P<note>-> .*)$",
    r"^  (?P<step>[a-z]+)",
    r"^  (?:read|model) .*? (?P<text>\".*?\")",
    r"^  (?:read|call) .*?\S(?P<note>   \S.*)$",
    r"(?:response |\| )(?:(?P<success>2\d\d)|(?P<redirect>3\d\d)|(?P<failure>[45]\d\d))\b",
)
ERROR = (r"\A(?P<error>signette:)", r"^ *(?P<hint>hint:)", r"^ *(?P<other>problem:)", r"(?P<path>`[^`\n]+`)")
PROOF = (
    rf"^(?:(?P<success>ok)|(?P<error>FAIL)) +{METHOD} +(?P<path>\S+)",
    r"reached (?P<success>[0-9X a-z]+)(?=$|;)",
    r"(?P<redirect>never reached [0-9X a-z]+)",
    r"(?P<failure>undeclared [0-9 ]+)",
    rf"^{METHOD} (?P<path>\S+) (?P<error>violates) (?P<step>\S+)$",
    r"^ *(?P<other>problem:)",
    r"^ *(?P<hint>(?:note|requests|response|test):)",
    r"^(?P<success>no law is violated)",
    r"^(?P<error>\d+ violations?)",
)
LAW_LIST = (r"^(?P<step>\S+)",)
ADDRESS = (r"(?P<address>https?://\S+)",)


def show(text: str, parts: Sequence[str], *, file: TextIO | None = None, python: str = "") -> None:
    """Print a text; in a terminal the parts that the regular expressions name have colours. `python` is source code."""
    stream = sys.stdout if file is None else file
    if not _has_colors(stream) or not _show_in_colors(text, parts, stream, python):
        print("\n\n".join(filter(None, (text, python))), file=stream)


@contextmanager
def progress_bar(file: TextIO) -> Iterator[Callable[[int, int, str], object]]:
    """A function that shows what is done, of how much, and what comes next: a bar in a terminal, else nothing."""
    bar = _bar(file) if _has_colors(file) else None
    if bar is None:
        yield lambda done, total, what: None  # noqa: ARG005 - there is no bar
        return
    with bar:
        task = bar.add_task("")
        yield lambda done, total, what: bar.update(task, completed=done, total=total, description=what)


def _bar(file: TextIO) -> Any:
    """rich's progress bar, which disappears at its end; None if rich is not installed."""
    try:
        from rich.console import Console  # noqa: PLC0415 - an extra: only terminals need it
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415
    except ImportError:
        return None
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    return Progress(*columns, console=Console(file=file), transient=True)


def _has_colors(stream: TextIO) -> bool:
    """Whether a stream is a terminal with colours (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _show_in_colors(text: str, parts: Sequence[str], stream: TextIO, python: str) -> bool:
    """Print a text in colours. Returns False if rich is not installed."""
    try:
        from rich.console import Console  # noqa: PLC0415 - an extra: only terminals need it
        from rich.syntax import Syntax  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415
        from rich.theme import Theme  # noqa: PLC0415
    except ImportError:
        return False
    console = Console(file=stream, theme=Theme(STYLES), highlight=False)
    shown = Text(text)
    for part in parts:
        shown.highlight_regex(re.compile(part, re.MULTILINE))
    console.print(shown, soft_wrap=True)
    if python:
        console.print()
        console.print(Syntax("", "python", theme="ansi_dark").highlight(python), soft_wrap=True, end="")
    return True

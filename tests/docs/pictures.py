"""Draws docs/pictures/explain.svg: the output of `signette explain` in the README, in the colours of a terminal.

`python -m tests.docs.pictures` draws it again.
"""

import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text
from rich.theme import Theme

from signette.cli.colors import PLAN, STYLES
from tests.docs.pages import ROOT

PICTURE = ROOT / "docs/pictures/explain.svg"

# Of a dark terminal. Each colour has a contrast of 4.5 to 1 or more with the first.
COLORS = TerminalTheme(
    (20, 23, 27),
    (227, 231, 236),
    [(20, 23, 27), (255, 139, 139), (111, 208, 140), (229, 180, 92), (122, 184, 255), (211, 164, 234), (111, 206, 214),
     (227, 231, 236)],
)  # fmt: skip

# No fonts: a picture loads nothing.
FORMAT = """\
<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-family: system-ui, sans-serif; font-size: 18px; font-weight: 600; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def explained() -> str:
    """The command and its output, as the README shows them."""
    block = re.search(r"```text\n(\$ signette explain .*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert block is not None
    return block[1].rstrip("\n")


def draw(file: Path) -> None:
    """Write the picture."""
    command, _, plan = explained().partition("\n")
    text = Text(plan)
    for part in PLAN:
        text.highlight_regex(re.compile(part, re.MULTILINE))
    width = max(map(len, explained().splitlines()))
    console = Console(file=io.StringIO(), record=True, width=width, theme=Theme(STYLES), highlight=False)
    console.print(Text(command, style="bold"))
    console.print(text, soft_wrap=True)
    svg = console.export_svg(title="", theme=COLORS, code_format=FORMAT, unique_id="explain")
    file.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    draw(PICTURE)

"""The picture of `signette explain` shows the output of the README, and loads nothing."""

import re
from html import unescape
from pathlib import Path

from tests.docs.pictures import PICTURE, draw, explained


def words_of(text: str) -> list[str]:
    """The lines of a text without spaces, which pictures leave out between two colours."""
    return ["".join(line.split()) for line in text.splitlines()]


def texts_of(svg: str) -> str:
    """The lines of a picture: what is at the same height, from left to right."""
    lines: dict[float, list[tuple[float, str]]] = {}
    for attributes, text in re.findall(r"<text ([^>]*explain-r[^>]*|[^>]*clip-path[^>]*)>([^<]*)</text>", svg):
        x, y = (float(match[1]) for name in "xy" if (match := re.search(rf'\b{name}="([\d.]+)"', attributes)))
        lines.setdefault(y, []).append((x, unescape(text).replace("\xa0", " ")))
    return "\n".join("".join(text for _, text in sorted(parts)).rstrip() for _, parts in sorted(lines.items()))


def test_the_picture_shows_what_the_readme_shows(tmp_path: Path) -> None:
    svg = PICTURE.read_text("utf-8")
    assert words_of(texts_of(svg)) == words_of(explained()), "draw it again: python -m tests.docs.pictures"
    draw(tmp_path / "now.svg")
    assert words_of(texts_of((tmp_path / "now.svg").read_text("utf-8"))) == words_of(explained())


def test_the_picture_loads_nothing() -> None:
    svg = PICTURE.read_text("utf-8")
    assert re.findall(r"(?:href|src|url)\s*[=(]\s*[\"']?(?!#)", svg) == []
    assert "@font-face" not in svg

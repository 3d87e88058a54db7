"""Bar charts and line charts as SVG: what `benchmarks.chart` draws, as text that stays text."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from html import escape

OWN, OTHERS, GRAY = "#3f51b5", "#9fa8da", "#666666"
WIDTH = 800
LETTER = 7.4  # the width of one, at most on average, at 12 px
APART = 11  # pixels between the names of two lines
FACTS_LETTERS = 135  # in one line of `facts`

Points = Sequence[tuple[float, float]]


def text(x: float, y: float, content: str, *, size: int = 12, color: str = "#000000", anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" text-anchor="{anchor}">'
        f"{escape(content, quote=False)}</text>"
    )


def line(x1: float, y1: float, x2: float, y2: float, color: str = GRAY) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}"/>'


def document(title: str, parts: Sequence[str], height: float, facts: str) -> str:
    """The picture with its title above and its facts below."""
    below = textwrap.wrap(facts, FACTS_LETTERS)
    whole = height + 14 * len(below) + 10
    size = f'viewBox="0 0 {WIDTH} {whole:.0f}" width="{WIDTH}" height="{whole:.0f}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="Helvetica, Arial, sans-serif" role="img">',
        f"<title>{escape(title, quote=False)}</title>",
        f'<rect width="{WIDTH}" height="{whole:.0f}" fill="#ffffff"/>',
        text(10, 22, title, size=15),
        *parts,
        *(text(10, height + 14 * number + 10, each, size=10, color=GRAY) for number, each in enumerate(below)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def bars(title: str, values: Mapping[str, float], facts: str, limit: float | None = None) -> str:
    """One horizontal bar for each name, the shortest first.

    With a limit a line is drawn there, and each bar below it has signette's color; without, signette's own has.
    """
    ranked = sorted(values.items(), key=lambda pair: pair[1])
    step = 28 if limit is None else 19
    left = 20 + LETTER * max(len(name) for name in values)
    scale = (WIDTH - left - 80) / max(*values.values(), limit or 0.0)
    parts = []
    for number, (name, value) in enumerate(ranked):
        top = 40 + number * step
        own = name == "signette" if limit is None else value <= limit
        color = OWN if own else OTHERS
        parts += [
            text(left - 8, top + step / 2 + 2, name, anchor="end"),
            f'<rect x="{left:.1f}" y="{top}" width="{value * scale:.1f}" height="{step - 5}" fill="{color}"/>',
            text(left + value * scale + 6, top + step / 2 + 2, f"{value:,.2f}" if value < 100 else f"{value:,.0f}"),
        ]
    height = 40 + len(ranked) * step
    parts.append(line(left, 36, left, height, "#000000"))
    if limit is not None:
        parts.append(line(left + limit * scale, 36, left + limit * scale, height))
    return document(title, parts, height + 14, facts)


def grids(title: str, rows: Mapping[str, Mapping[str, Points]], facts: str) -> str:
    """Three small charts in a line, both of their axes logarithmic; one line for each package."""
    width, height = (WIDTH - 20) / 3, 190
    parts = []
    for number, (row, packages) in enumerate(rows.items()):
        x, y = 10 + width * (number % 3), 40 + height * (number // 3)
        parts += grid(row, packages, x, y, width, height)
    return document(title, parts, 54 + height * math.ceil(len(rows) / 3), facts)


def grid(row: str, packages: Mapping[str, Points], x: float, y: float, width: float, height: float) -> list[str]:
    xs = [math.log10(size) for points in packages.values() for size, _ in points]
    ys = [math.log10(value) for points in packages.values() for _, value in points]
    first, last = math.floor(min(ys)), math.ceil(max(ys) + 1e-9)
    left, right, top, bottom = x + 34, x + width - 70, y + 22, y + height - 30

    def place(size: float, value: float) -> tuple[float, float]:
        across = (math.log10(size) - min(xs)) / ((max(xs) - min(xs)) or 1)
        up = (math.log10(value) - first) / ((last - first) or 1)
        return left + across * (right - left), bottom - up * (bottom - top)

    parts = [text(x, y + 10, row), line(left, top, left, bottom), line(left, bottom, right, bottom)]
    ticks = [10.0**power for power in range(first, last + 1)]
    sizes = sorted({size for points in packages.values() for size, _ in points})
    parts += [text(left - 5, place(1, tick)[1] + 3, short(tick), size=9, anchor="end") for tick in ticks]
    parts += [text(place(size, 1)[0], bottom + 12, short(size), size=9, anchor="middle") for size in sizes]
    for name, points in packages.items():
        color = OWN if name == "signette" else OTHERS
        places = [place(size, value) for size, value in sorted(points)]
        corners = " ".join(f"{at:.1f},{up:.1f}" for at, up in places)
        parts.append(f'<polyline points="{corners}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{at:.1f}" cy="{up:.1f}" r="3" fill="{color}"/>' for at, up in places]
    ends = {name: place(*max(points))[1] for name, points in packages.items()}
    for name, end in apart(ends).items():
        parts.append(text(right + 6, end + 4, name, size=10, color=OWN if name == "signette" else OTHERS))
    return parts


def apart(heights: Mapping[str, float]) -> dict[str, float]:
    """The heights of names, moved down where two would overlap."""
    found: dict[str, float] = {}
    lowest = -math.inf
    for name, height in sorted(heights.items(), key=lambda pair: pair[1]):
        lowest = found[name] = max(height, lowest + APART)
    return found


def short(value: float) -> str:
    """A size in few letters: 1000 is 1k."""
    for factor, unit in ((1_000_000, "M"), (1000, "k")):
        if value >= factor:
            return f"{value / factor:.3g}{unit}"
    return f"{value:g}"

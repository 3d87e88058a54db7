"""The page on middleware has a line for each argument of a middleware, with its default."""

import re
from inspect import signature

import pytest

from signette.middleware.compression import CompressionMiddleware
from signette.middleware.cors import CORSMiddleware
from signette.middleware.gzip import GZipMiddleware
from signette.middleware.opentelemetry import OpenTelemetryMiddleware
from signette.middleware.sessions import SessionMiddleware
from signette.middleware.trustedhost import TrustedHostMiddleware
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/reference/middleware.md").read_text(encoding="utf-8")


def lines_of(layer: type) -> dict[str, str]:
    """Each argument in the table of a middleware, and the last cell of its line."""
    _, _, rest = PAGE.partition(f"\n| `{layer.__name__}` | meaning |")
    cells = [line.strip("| ").split(" | ") for line in rest.partition("\n\n")[0].splitlines()[2:]]
    return {name: line[-1] for line in cells for name in re.findall(r"`(\w+)`", line[0])}


@pytest.mark.parametrize(
    "layer",
    [
        CORSMiddleware,
        CompressionMiddleware,
        GZipMiddleware,
        OpenTelemetryMiddleware,
        SessionMiddleware,
        TrustedHostMiddleware,
    ],
)
def test_each_argument_has_its_line(layer: type) -> None:
    assert sorted(lines_of(layer)) == sorted(set(signature(layer).parameters) - {"app"})


@pytest.mark.parametrize(
    ("layer", "name", "documented", "value"),
    [
        (CORSMiddleware, "max_age", "600", 600),
        (CompressionMiddleware, "minimum_size", "500", 500),
        (CompressionMiddleware, "thread_minimum_size", "by encoding and level, see below", None),
        (GZipMiddleware, "minimum_size", "the same", 500),
        (GZipMiddleware, "compresslevel", "6", 6),
        (GZipMiddleware, "thread_minimum_size", "the same", None),
        (SessionMiddleware, "session_cookie", "`session`", "session"),
        (SessionMiddleware, "max_age", "14 days", 14 * 24 * 60 * 60),
    ],
)
def test_a_default_is_what_the_page_says(layer: type, name: str, documented: str, value: object) -> None:
    assert signature(layer).parameters[name].default == value
    assert lines_of(layer)[name] == documented

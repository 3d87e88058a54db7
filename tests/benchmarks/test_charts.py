"""The charts of `benchmarks.chart` are drawn from kept figures."""

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import chart, svg

FIGURES = Path(__file__).parent / "figures"
SVG = "{http://www.w3.org/2000/svg}"
PICTURES = ("time-per-request", "start-up", "memory", "toolkit", "bodies", "growth")


@pytest.fixture(name="drawn", scope="module")
def drawn_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    assert chart.main([str(folder), "--figures", str(FIGURES)]) == 0
    return folder


def texts(picture: ET.Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{SVG}text")]


def test_each_part_has_its_charts(drawn: Path) -> None:
    assert {file.stem for file in drawn.iterdir()} == set(PICTURES)
    assert {file.stem for file in FIGURES.iterdir()} == set(chart.CHARTS)


@pytest.mark.parametrize("name", PICTURES)
def test_a_chart_has_the_command_and_the_versions_below_it(drawn: Path, name: str) -> None:
    below = " ".join(texts(ET.parse(drawn / f"{name}.svg").getroot()))
    assert "python -m benchmarks." in below
    assert "CPython 3.11.7, Linux x86_64, 2 CPUs" in below
    assert "starlette 1.10.0" in below


def test_requests_are_relative_to_the_hand_written_application(drawn: Path) -> None:
    shown = texts(ET.parse(drawn / "time-per-request.svg").getroot())
    assert shown[0] == "Time per request, hand-written ASGI = 1 (mean of 2 workloads)"  # fastapi has no `form`
    assert shown[1:7] == ["raw", "1.00", "signette", "1.41", "fastapi", "30.00"]


def test_start_up_is_that_of_the_most_routes(drawn: Path) -> None:
    shown = texts(ET.parse(drawn / "start-up.svg").getroot())
    assert shown[1:5] == ["signette", "700", "fastapi", "1,400"]


def test_a_row_that_is_slower_than_its_peer_has_the_other_color(drawn: Path) -> None:
    bars = list(ET.parse(drawn / "toolkit.svg").getroot().iter(f"{SVG}rect"))[1:]  # the first is the page
    assert [bar.get("fill") for bar in bars] == [svg.OWN, svg.OTHERS]
    widths = [float(bar.get("width", 0)) for bar in bars]
    assert widths[1] / widths[0] == pytest.approx(6, rel=0.01)  # 1.5 and 0.25


def test_growth_has_a_line_for_each_package(drawn: Path) -> None:
    picture = ET.parse(drawn / "growth.svg").getroot()
    assert len(list(picture.iter(f"{SVG}polyline"))) == 4
    assert {"query parameters", "requests", "1k", "10k", "100k"} <= set(texts(picture))


def test_names_of_lines_do_not_overlap() -> None:
    heights = svg.apart({"a": 50.0, "b": 50.0, "c": 52.0, "d": 10.0})
    assert all(after - before >= svg.APART for before, after in pairwise(sorted(heights.values())))
    assert svg.apart({"a": 10.0, "b": 50.0}) == {"a": 10.0, "b": 50.0}


def test_figures_that_are_missing_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "toolkit.json").write_text((FIGURES / "toolkit.json").read_text())
    assert chart.main([str(tmp_path / "pictures"), "--figures", str(tmp_path)]) == 1
    assert "inprocess, startup, bodies, growth" in capsys.readouterr().out
    assert (tmp_path / "pictures/toolkit.svg").exists()

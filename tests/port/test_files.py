"""Which files are read, and how their bytes become text and bytes again."""

from pathlib import Path

import pytest

from signette.port.files import UnreadableSource, decode, files_below
from signette.port.lines import LineMap
from signette.port.requirements import is_requirements, lines_of


def test_folders_are_searched_and_environments_hidden_folders_and_links_are_not(tmp_path: Path) -> None:
    names = "a.py b/c.py .git/d.py env/e.py env/pyvenv.cfg node_modules/f.py b/__pycache__/g.py"
    for name in names.split():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("", "utf-8")
    (tmp_path / "link.py").symlink_to(tmp_path / "a.py")
    (tmp_path / "linked").symlink_to(tmp_path / "b", target_is_directory=True)
    found = [str(path.relative_to(tmp_path)) for path in files_below([tmp_path, tmp_path / "a.py"])]
    assert found == ["a.py", "b/c.py"]


@pytest.mark.parametrize(
    "content",
    [
        b"x = 1\n",
        "# é\n".encode(),
        b"\xef\xbb\xbfx = 1\r\n",
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'",
        b"",
        b"x = 1\r\ny = 2\nz = 3\r",
    ],
)
def test_bytes_become_text_and_the_same_bytes_again(content: bytes) -> None:
    source = decode(content)
    assert source.encode(source.text) == content


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (b"# coding: nonsense\n", 1, "unknown encoding: nonsense"),
        (b"x = 1\ny = '\xff'\n", 2, "not utf-8: invalid start byte"),
    ],
)
def test_bytes_that_are_not_text_are_reported_with_their_line(content: bytes, line: int, problem: str) -> None:
    with pytest.raises(UnreadableSource) as caught:
        decode(content)
    assert (caught.value.line, caught.value.problem) == (line, problem)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pyproject.toml", True),
        ("requirements.txt", True),
        ("requirements-dev.in", True),
        ("requirements/base.txt", True),
        ("Pipfile", True),
        ("notes.txt", False),
        ("main.py", False),
    ],
)
def test_requirements_are_known_by_the_name_of_their_file(name: str, expected: bool) -> None:
    assert is_requirements(Path(name)) is expected


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("fastapi", "fastapi"),
        ("fastapi==0.115", "fastapi"),
        ("FastAPI[standard] >= 0.115", "fastapi"),
        ('    "starlette>=0.40",', "starlette"),
        ("fastapi = {version = '^0.115', extras = ['all']}", "fastapi"),
        ("starlette ; python_version < '3.12'", "starlette"),
        ("fastapi-users", None),
        ("sse-starlette", None),
        ("# fastapi", None),
        ("https://fastapi.tiangolo.com", None),
        ("fastapi_users", None),
    ],
)
def test_a_requirement_is_a_whole_name(line: str, name: str | None) -> None:
    assert [found for _, _, found in lines_of(line)] == ([name] if name else [])


def test_lines_are_mapped_to_those_in_their_place() -> None:
    before = "from fastapi import a, b\nimport fastapi\n\nx = FastAPI()\ny = 1\n"
    after = "from fastapi import a\nfrom signette import b\nimport signette\nimport signette.x\n\nx = App()\ny = 1\n"
    lines = LineMap(before, after)
    assert [lines(1, "a"), lines(1, "b"), lines(4), lines(5)] == [1, 2, 6, 7]
    assert LineMap("a\n", "a\n")(1) == 1

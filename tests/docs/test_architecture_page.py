"""The map of the house shows each module on its floor, each library at its door, and nothing that is not there."""

import re
import sys

import pytest

from tests.docs.pages import ROOT
from tests.test_architecture import EVERYWHERE, FLOORS, all_imports, floor_of, is_face, modules

TEXT = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
IMPORTED_AS = {"python-multipart": "python_multipart"}
# The other of two that do the same, and the core of one that is there: they have no lines of their own.
BESIDE = {"httpx", "pydantic_core", "compression"}


def section(title: str) -> str:
    return re.split(r"\n##+ ", TEXT.partition(f"{title}\n")[2])[0]


def first_cells(text: str) -> list[str]:
    return re.findall(r"^\| `([\w/]+)` \|", text, re.MULTILINE)


@pytest.mark.parametrize(("number", "floor"), list(enumerate(FLOORS, 1)))
def test_a_floor_lists_each_of_its_modules_once(number: int, floor: str) -> None:
    there = [
        module.removeprefix("signette.").replace(".", "/")
        for module in modules()
        if floor_of(module) == number - 1 and not is_face(module)
    ]
    assert sorted(first_cells(section(f"### {number}. {floor}"))) == sorted(there)


def test_each_library_that_is_imported_stands_at_its_door() -> None:
    doors = dict(re.findall(r"^\| ([\w-]+) \| `([\w/]+)` \|$", section("## The doors"), re.MULTILINE))
    imported = {
        found.target
        for found in all_imports()
        if not found.target.startswith("signette") and found.target not in sys.stdlib_module_names
    }
    assert {IMPORTED_AS.get(library, library) for library in doors} == imported - EVERYWHERE - BESIDE
    for library, door in doors.items():
        name = IMPORTED_AS.get(library, library)
        users = {
            found.module.removeprefix("signette.").replace(".", "/") for found in all_imports() if found.target == name
        }
        assert all(user == door or (door.endswith("/") and user.startswith(door)) for user in users), (
            f"{library} is used in {sorted(users)}"
        )


def test_each_file_that_an_answer_names_is_there() -> None:
    named = re.findall(r"`((?:declarative|routing|middleware|_http|testclient)/\w*/?)`", TEXT)
    named += re.findall(r"^\| .+ \| `(\w+)`", section("## Which file answers"), re.MULTILINE)
    assert named
    for name in named:
        path = ROOT / "signette" / name
        assert path.is_dir() if name.endswith("/") else path.with_suffix(".py").is_file(), name

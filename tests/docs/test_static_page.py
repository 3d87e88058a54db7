"""The page on static files and templates names each argument, with its default, and each hook with its own."""

import re
from inspect import Parameter, signature

import pytest

from signette.endpoints import _VERBS
from signette.staticfiles import StaticFiles
from signette.templating import Jinja2Templates, escapes
from tests.docs.pages import ROOT

TEXT = (ROOT / "docs/reference/static-and-templates.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("cls", "heading"), [(StaticFiles, "## Static files"), (Jinja2Templates, "## Templates")])
def test_each_argument_stands_in_the_table_with_its_default(cls: type, heading: str) -> None:
    section = TEXT.partition(heading)[2].partition("\n## ")[0]
    table = section.partition("| argument |")[2].partition("\n\n")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", table, re.MULTILINE))
    assert told == {name: repr(one.default) for name, one in signature(cls).parameters.items()}


def test_each_hook_stands_with_its_arguments() -> None:
    told = dict(re.findall(r"^\| `(\w+)\((.*?)\)` \|", TEXT, re.MULTILINE))
    assert len(told) == 5
    for name, arguments in told.items():
        own = list(signature(getattr(StaticFiles, name)).parameters.values())[1:]
        assert arguments == ", ".join(
            one.name if one.default is Parameter.empty else f"{one.name}={one.default}" for one in own
        )


def test_the_verbs_are_named_in_their_order() -> None:
    (line,) = re.findall(r"The methods of an `HTTPEndpoint` are (.*?);", TEXT)
    assert re.findall(r"`(\w+)`", line) == list(_VERBS.values())


def test_the_endings_whose_values_are_escaped_are_so() -> None:
    (line,) = re.findall(r"Values are escaped in (.*?), also with", TEXT)
    endings = re.findall(r"`(\.\w+)`", line)
    assert endings
    assert all(escapes(f"page{ending}") and escapes(f"page{ending}.j2") for ending in endings)

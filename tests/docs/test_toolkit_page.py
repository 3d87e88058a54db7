"""The toolkit's page has all public modules and names, and they exist."""

import re
from importlib import import_module
from typing import ParamSpec, TypeVar

import pytest

from tests.docs.pages import ROOT
from tests.test_architecture import LAYERS, layer_of, modules

# Parts of other modules: not imported from by name.
INSIDE = "body connection direct error_entries forms paths state"  # `state` is on the page of public names
FACES = "responses routing datastructures testclient"
INSIDE_MIDDLEWARE = "request_limits"
# Names without an underscore that are for other files of the package only.
INSIDE_NAMES = {
    "signette.applications": "USUAL_CALL",
    "signette.background": "Delivery is_background_failure run_after",
    "signette.concurrency": "call_in_worker is_async_callable run_alongside run_limited",
    "signette.conditional": "Required conditions_for in_any_format raise_for tag_in_format",
    "signette.convertors": "text_of",
    "signette.endpoints": "MessageError",
    "signette.exceptions": "ErrorEntry validation_message phrase_of",
    "signette.limits": "DefaultLimit OptionLimit PLAIN_LIMITS check_limits exceeded_message limited_by_body"
    " limits_within log_exceeded max_body_size_of set_by",
    "signette.middleware.base": "AppResponse",
    "signette.middleware.body_limit": "BodyLimit FormLimitsMiddleware",
    "signette.middleware.decompression": "BodyDecompression DecodedReceive decode_body installed unsupported_encoding",
    "signette.problems": "body_of invalid_body invalid_text member_types problem_body words_of",
    "signette.requests": "BodyStream",
    "signette.staticfiles": "StaticFileResponse",
    "signette.templating": "escapes url_for",
    "signette.types": "SignetteDeprecationWarning",  # its home is `signette.exceptions`
    "signette.websockets": "Messages",
}


def lines() -> list[tuple[str, list[str]]]:
    text = (ROOT / "docs/reference/toolkit.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| \[?`(signette\.[\w.]+)`(?:\]\(.*?\))? \| (.+) \|$", text, re.MULTILINE)
    return [(module, re.findall(r"`(\w+)`", names)) for module, names in found]


@pytest.mark.parametrize(("module", "names"), lines(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_modules_names_are_there(module: str, names: list[str]) -> None:
    assert names
    assert [name for name in names if not hasattr(import_module(module), name)] == []


# The line of `signette.status` has two groups of names, not a hundred names.
@pytest.mark.parametrize(
    ("module", "names"),
    [(module, names) for module, names in lines() if module != "signette.status"],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_public_name_of_a_module_is_in_its_line(module: str, names: list[str]) -> None:
    inside = INSIDE_NAMES.get(module, "").split()
    public = names_of(module)
    assert [name for name in inside if name not in public] == []
    assert [name for name in public if name not in {*names, *inside}] == []


def names_of(module: str) -> list[str]:
    """What a module's `__all__` says, or what it defines without an underscore before it."""
    found = import_module(module)
    if hasattr(found, "__all__"):
        return list(found.__all__)
    return [
        name
        for name, value in vars(found).items()
        if getattr(value, "__module__", None) == module
        and not name.startswith("_")
        and not isinstance(value, (TypeVar, ParamSpec))
    ]


def test_no_module_has_two_lines() -> None:
    assert sorted(module for module, _ in lines()) == sorted({module for module, _ in lines()})


def is_public(module: str) -> bool:
    package, _, inner = module.removeprefix("signette.").partition(".")
    if package.startswith("_") or package in INSIDE.split() or (inner and package in FACES.split()):
        return False
    if package == "middleware" and inner:
        text = modules()[module].read_text(encoding="utf-8")
        return (
            inner not in INSIDE_MIDDLEWARE.split()
            and re.search(r"^class \w+Middleware\b", text, re.MULTILINE) is not None
        )
    return True


def test_each_public_module_of_the_toolkit_has_its_line() -> None:
    toolkit = [module for module in modules() if 0 <= layer_of(module) < list(LAYERS).index("declarative")]
    assert {module for module, _ in lines()} == {module for module in toolkit if is_public(module)}


def test_the_page_that_a_line_links_to_mentions_its_names() -> None:
    text = (ROOT / "docs/reference/toolkit.md").read_text(encoding="utf-8")
    for module, page, names in re.findall(r"^\| \[`(signette\.[\w.]+)`\]\((.*?)\) \| (.+) \|$", text, re.MULTILINE):
        documented = (ROOT / "docs/reference" / page).read_text(encoding="utf-8")
        missing = [name for name in re.findall(r"`(\w+)`", names) if not re.search(rf"\b{name}\b", documented)]
        assert missing == [], f"{page} says nothing of {missing}, which {module} has"

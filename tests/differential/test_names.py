"""The import table of the page: each module of Starlette is here, with the names that it defines."""

import pkgutil
import warnings
from importlib import import_module
from typing import Any

import pytest
import starlette

# What no documentation of Starlette names: helpers of Starlette's own modules.
INTERNAL = {
    "applications": {"AppType"},
    "config": {"undefined"},
    "formparsers": {"MultipartPart"},
    "middleware": {"P"},
    "middleware.base": {"T"},
    "middleware.body_limit": {"RequestBodyLimitResponder"},
    "middleware.gzip": {"IdentityResponder", "GZipResponder", "unattached_send"},
    "middleware.wsgi": {"build_environ", "WSGIResponder"},
    "responses": {"MalformedRangeHeader", "RangeNotSatisfiable"},
    "routing": {"replace_params"},
}
RENAMED = {"Starlette": "Application", "StarletteDeprecationWarning": "SignetteDeprecationWarning"}

MODULES = [
    module.name.removeprefix("starlette.")
    for module in pkgutil.walk_packages(starlette.__path__, "starlette.")
    if "._" not in module.name
]


def names_of(module: Any) -> set[str]:
    """The public names that a module defines."""
    members = vars(module).items()
    return {
        name
        for name, member in members
        if not name.startswith("_") and getattr(member, "__module__", None) == module.__name__
    }


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_the_names_of_starlettes(module: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some modules and names are deprecated
        theirs, ours = import_module(f"starlette.{module}"), import_module(f"signette.{module}")
        expected = {RENAMED.get(name, name) for name in names_of(theirs) - INTERNAL.get(module, set())}
        assert [name for name in sorted(expected) if not hasattr(ours, name)] == []

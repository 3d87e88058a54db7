"""Loads the examples in each form: as they stand, and as people would have written them for Starlette or for FastAPI.

A module below `as_starlette` is the file of the same name without that word, whose imports of signette are imports of
Starlette, and whose imports of other examples stay below `as_starlette`. Nothing else in it is changed, but the name of
the class of applications. Below `as_fastapi` it is the same for FastAPI, by a table (tests/examples/topics/imports.py).
Below `as_signette` only the imports of other examples are changed, so that each load is a new application.
"""

import importlib
import re
import sys
from collections.abc import Callable, Sequence
from importlib.abc import ExecutionLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from tests.examples.topics.imports import as_fastapi

ROOT = Path(__file__).parents[3]


def as_signette(source: str) -> str:
    """The text of a module as it stands, with its examples from below `as_signette`."""
    return re.sub(r"^from examples\b", "from as_signette.examples", source, flags=re.MULTILINE)


def as_starlette(source: str) -> str:
    """The text of a module with Starlette's imports."""
    source = re.sub(r"^from examples\b", "from as_starlette.examples", source, flags=re.MULTILINE)
    source = re.sub(r"^from signette\b", "from starlette", source, flags=re.MULTILINE)
    return re.sub(r"\bApplication\b", "Starlette", source)


FORMS = {form.__name__: form for form in (as_signette, as_starlette, as_fastapi)}


def load(form: str, name: str) -> ModuleType:
    """The module of that name in a form of `FORMS`; a new one, with new modules below it, at each call."""
    finder = InForms()
    sys.meta_path.insert(0, finder)
    try:
        return importlib.import_module(f"{form}.{name}")
    finally:
        sys.meta_path.remove(finder)
        for each in [each for each in sys.modules if each.partition(".")[0] == form]:
            del sys.modules[each]


class InForms(MetaPathFinder):
    """Finds what is below the name of a form."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> Any:
        form, *names = fullname.split(".")
        if form not in FORMS:
            return None
        file = ROOT.joinpath(*names)
        file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
        # The form itself is a package without a file.
        if names and not file.is_file():
            return None
        spec: ModuleSpec | None = spec_from_loader(fullname, FormLoader(file, FORMS[form]))
        return spec


class FormLoader(ExecutionLoader):
    """Runs a file in a form. Compiled again each time: the cache of the file itself is not ours."""

    def __init__(self, path: Path, form: Callable[[str], str]) -> None:
        self.path = path
        self.form = form

    def get_filename(self, fullname: str) -> str:
        return str(self.path)

    def is_package(self, fullname: str) -> bool:
        return self.path.name == "__init__.py"

    def get_source(self, fullname: str) -> str:
        return self.form(self.path.read_text("utf-8")) if self.path.is_file() else ""

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.get_source(fullname), str(self.path), "exec", dont_inherit=True)

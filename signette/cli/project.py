"""`signette new`: write a small, tested project."""

import argparse
import keyword
import re
import sys
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from signette.cli.errors import UsageError

# The files of a project, and the texts in `template/` that they are made of.
FILES = {
    "pyproject.toml": "pyproject.toml.txt",
    "README.md": "readme.txt",
    ".gitignore": "gitignore.txt",
    "{package}/__init__.py": "package.txt",
    "{package}/main.py": "main.txt",
    "{package}/items.py": "items.txt",
    "tests/test_items.py": "test_items.txt",
}

NAME = re.compile(r"[a-zA-Z]([a-zA-Z0-9._-]*[a-zA-Z0-9])?")
TAKEN = {"tests", "signette", "pydantic", "anyio", "orjson", "pytest", "uvicorn", *sys.stdlib_module_names}


def add_new(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `new`."""
    parser.add_argument("name", help="the folder of the project, whose last part is its name: `shop`, `work/shop`")
    parser.set_defaults(do=write_project)


def write_project(args: argparse.Namespace) -> int:
    """Write a small project: an application, a router, a test, pyproject.toml and a README."""
    folder = Path(args.name)
    name = folder.resolve().name
    package = package_name(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"`{folder}` exists and is not empty\n  hint: choose another name, or remove it")
    texts = files("signette.cli") / "template"
    try:
        for path, text in FILES.items():
            file = folder / path.format(package=package)
            file.parent.mkdir(parents=True, exist_ok=True)
            content = (texts / text).read_text("utf-8").replace("{{name}}", name).replace("{{package}}", package)
            file.write_text(content, encoding="utf-8")
    except OSError as exc:
        raise UsageError(
            f"cannot write `{folder}`: {exc.strerror}\n  hint: choose a folder that you can write to"
        ) from None
    print(f"wrote {len(FILES)} files to {folder}\n\n" + "\n".join(f"  {step}" for step in next_steps(folder)))
    return 0


def next_steps(folder: Path) -> list[str]:
    """The commands that serve and test a new project, and one that installs what its tests need and you lack."""
    is_testable = all(find_spec(module) for module in ("pytest", "httpx2"))
    needed = [] if is_testable else ["python -m pip install pytest 'signette[testclient]'"]
    return [f"cd {folder}", "signette dev", *needed, "python -m pytest"]


def package_name(name: str) -> str:
    """The name of the package of a project: `my-shop` is `my_shop`.

    Raises:
        UsageError: the name cannot be that of a project (PyPA, "Names and normalization") with a package.
    """
    package = re.sub(r"[-.]+", "_", name).lower()
    if not NAME.fullmatch(name) or not package.isidentifier() or keyword.iskeyword(package):
        raise UsageError(
            f"`{name}` cannot be the name of a package\n"
            "  hint: begin and end with a letter or digit, and use letters, digits, `-`, `_` and `.`"
        )
    if package in TAKEN:
        raise UsageError(f"`{package}` is the name of another package\n  hint: choose another name: `{name}-api`")
    return package

"""Write the contract of an application that is in a worktree of another revision: `signette.contract.revisions`.

It is run as a module, by another process: `python -P -m signette.cli.revision APP ROOT TREE OUT`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from signette.cli.errors import UsageError
from signette.cli.loading import load
from signette.contract.application import contract_of
from signette.contract.model import text_of
from signette.declarative.errors.base import SignatureError


def main(arguments: Sequence[str]) -> int:
    """Write the contract of an application to a file. Modules of the repository are those of the worktree."""
    name, *paths = arguments
    root, tree, out = map(Path, paths)
    sys.path[:] = [_moved(entry, root, tree) for entry in sys.path]
    sys.path.insert(0, str(Path.cwd()))  # the folder in the worktree, before what is installed
    try:
        out.write_text(text_of(contract_of(_app(name, tree))), "utf-8")
    except (UsageError, SignatureError) as exc:
        sys.stderr.write(f"{exc}\n")
        return 2
    return 0


def _app(name: str, tree: Path) -> Any:
    app = load(name)
    _check_origin(name, tree)
    if not hasattr(app, "openapi"):
        raise UsageError(f"`{name}` is a plain application without documents")
    return app


def _moved(entry: str, root: Path, tree: Path) -> str:
    """A folder of the repository as that of the worktree, if it is there: not so an environment in the repository."""
    path = Path(entry).resolve()
    if not path.is_relative_to(root):
        return entry
    moved = tree / path.relative_to(root)
    return str(moved) if moved.is_dir() and not _has_signette(path) else entry


def _has_signette(path: Path) -> bool:
    """Whether this signette is imported from the folder."""
    return Path(__file__).resolve().is_relative_to(path)


def _check_origin(name: str, tree: Path) -> None:
    """Raises UsageError if the application was imported from elsewhere: its contract would be that of today."""
    module = name.removesuffix(".py").replace("/", ".").partition(":")[0].removesuffix(".py")
    words = module.split(".")
    loaded = next((sys.modules[each] for each in (module, words[-1]) if each in sys.modules), None)
    file = getattr(loaded, "__file__", None)
    if file is not None and not Path(file).resolve().is_relative_to(tree):
        raise UsageError(f"`{name}` was not imported from the revision, but from an installed package")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

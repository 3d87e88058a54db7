"""Lookup of static files in directories. All functions block."""

import errno
import importlib.util
import os
import stat
from collections.abc import Iterable
from time import monotonic
from typing import Any

PathLike = str | os.PathLike[str]

Found = tuple[str, os.stat_result | None]

# Path segments that are not the name of an entry of the directory before them.
_SPECIAL_SEGMENTS = frozenset({"", ".", ".."})

# The errors for files that do not, or cannot, exist. NUL and lone surrogates are a ValueError.
_MISSING = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL})


class FileCache:
    """Caches full path and stat of files for some seconds. Does not cache missing files."""

    MAX_FILES = 4096
    """The cache is cleared when it is full."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._found: dict[str, tuple[float, Found]] = {}

    def get(self, path: str) -> Found | None:
        """The cached full path and stat, or None."""
        until, found = self._found.get(path, (0.0, None))
        return found if monotonic() < until else None

    def keep(self, path: str, found: Found) -> None:
        """Cache the result of a lookup."""
        if found[1] is not None:
            if len(self._found) >= self.MAX_FILES:
                self._found.clear()
            self._found[path] = monotonic() + self.seconds, found

    def __getstate__(self) -> dict[str, Any]:
        return {"seconds": self.seconds, "_found": {}}


def find_without_links(directory: PathLike, path: str) -> tuple[str, os.stat_result] | None:
    """The full path and its stat, if no segment of the path is a symbolic link; None if the real path must be resolved.

    PERF: `realpath` reads each directory from the root on, once for the directory and once for the file.
    """
    names = path.split("/")
    if os.name != "posix" or not _SPECIAL_SEGMENTS.isdisjoint(names):
        return None
    root = os.fspath(directory)
    if ".." in root.split("/"):  # `abspath` would resolve it as if no segment before it was a link
        return None
    full_path = os.path.abspath(root).rstrip("/")  # noqa: PTH100 - PERF
    for name in names:
        full_path = f"{full_path}/{name}"
        found = os.lstat(full_path)
        if stat.S_ISLNK(found.st_mode):
            return None
    return full_path, found


def real_path(path: PathLike) -> str:
    """The path with all links followed. Raises OSError: it does not exist, or its links form a loop.

    `realpath` that is not strict stops at a loop, and does not follow the links after it.
    """
    return os.path.realpath(path, strict=True)


def is_missing(error: OSError | ValueError) -> bool:
    """Whether the error means that the file does not, or cannot, exist."""
    return not isinstance(error, OSError) or error.errno in _MISSING


def check_directory(directory: PathLike) -> None:
    """Raise RuntimeError unless the directory exists."""
    try:
        mode = os.stat(directory).st_mode  # noqa: PTH116 - `directory` may be text
    except FileNotFoundError:
        raise RuntimeError(f"StaticFiles directory '{os.fspath(directory)}' does not exist.") from None
    if not stat.S_ISDIR(mode):
        raise RuntimeError(f"StaticFiles path '{os.fspath(directory)}' is not a directory.")


def folder_of(package: str, folder: str) -> str:
    """The path of a folder in a package. Raises AssertionError if the package or the folder does not exist."""
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:  # the parent package does not exist
        spec = None
    # The exceptions and messages of Starlette.
    if spec is None:
        raise AssertionError(f"Package {package!r} could not be found.")
    locations: Iterable[str] = spec.submodule_search_locations or [os.path.dirname(spec.origin or "")]  # noqa: PTH120
    for location in locations:
        path = os.path.normpath(os.path.join(location, folder))  # noqa: PTH118 - paths are text here
        if os.path.isdir(path):  # noqa: PTH112 - as above
            return path
    raise AssertionError(f"Directory '{folder!r}' in package {package!r} could not be found.")

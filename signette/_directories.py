"""Where the files of a directory are, and what the system knows of them. All of it blocks."""

import errno
import importlib.util
import os
import stat
from collections.abc import Iterable
from time import monotonic
from typing import Any

PathLike = str | os.PathLike[str]

Found = tuple[str, os.stat_result | None]

# What in a path is no name of something in the folder before it.
_MEANING_MORE = frozenset({"", ".", ".."})

# What the system says where there cannot be such a file; NUL and lone surrogates are a ValueError.
_MISSING = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL})


class KnownFiles:
    """Where files are and what the system knows of them, for some seconds. Of what is not there nothing is kept."""

    MOST = 4096
    """Files; when there are more, all are asked for anew."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._found: dict[str, tuple[float, Found]] = {}

    def get(self, path: str) -> Found | None:
        """What was found a moment ago."""
        until, found = self._found.get(path, (0.0, None))
        return found if monotonic() < until else None

    def keep(self, path: str, found: Found) -> None:
        """Keep what was found now."""
        if found[1] is not None:
            if len(self._found) >= self.MOST:
                self._found.clear()
            self._found[path] = monotonic() + self.seconds, found

    def __getstate__(self) -> dict[str, Any]:
        return {"seconds": self.seconds, "_found": {}}


def find_without_links(directory: PathLike, path: str) -> tuple[str, os.stat_result] | None:
    """The whole path and its stat, where each name on the way down is what it seems; None where the real path decides.

    PERF: `realpath` asks for each directory from the root of the system on, once for the folder and once for the file.
    """
    names = path.split("/")
    if os.name != "posix" or not _MEANING_MORE.isdisjoint(names):
        return None
    root = os.fspath(directory)
    if ".." in root.split("/"):  # behind a link it is not what it seems, and `abspath` takes it for that
        return None
    full_path = os.path.abspath(root).rstrip("/")  # noqa: PTH100 - PERF
    for name in names:
        full_path = f"{full_path}/{name}"
        found = os.lstat(full_path)
        if stat.S_ISLNK(found.st_mode):
            return None
    return full_path, found


def is_missing(error: OSError | ValueError) -> bool:
    """Whether the system says that there is, or can be, no file of this name."""
    return not isinstance(error, OSError) or error.errno in _MISSING


def check_directory(directory: PathLike) -> None:
    """Raise RuntimeError if the directory is not there."""
    try:
        mode = os.stat(directory).st_mode  # noqa: PTH116 - as it was given, for the message
    except FileNotFoundError:
        raise RuntimeError(f"StaticFiles directory '{os.fspath(directory)}' does not exist.") from None
    if not stat.S_ISDIR(mode):
        raise RuntimeError(f"StaticFiles path '{os.fspath(directory)}' is not a directory.")


def folder_of(package: str, folder: str) -> str:
    """The path of a folder in a package. Raises AssertionError: the package or the folder is not there."""
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:  # of `a.b` there is no `a`
        spec = None
    # The class of exception, and the words, that users of this API know.
    if spec is None:
        raise AssertionError(f"Package {package!r} could not be found.")
    places: Iterable[str] = spec.submodule_search_locations or [os.path.dirname(spec.origin or "")]  # noqa: PTH120
    for place in places:
        path = os.path.normpath(os.path.join(place, folder))  # noqa: PTH118 - the directories are plain text
        if os.path.isdir(path):  # noqa: PTH112 - as above
            return path
    raise AssertionError(f"Directory '{folder!r}' in package {package!r} could not be found.")

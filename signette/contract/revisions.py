"""What was in a revision of git: files, and the contracts of applications.

An application is imported from a worktree in a temporary folder, by another process: modules of two revisions cannot
be in one. The worktree is removed in any case. Hooks of the repository do not run for it.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sysconfig import get_path
from tempfile import TemporaryDirectory

from signette.contract.errors import ContractError

LOADER = "signette.cli.revision"
_NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")
_MAX_ERROR_LINES = 12


def is_revision(name: str) -> bool:
    """Whether a name is that of a commit in the repository of the current folder."""
    return bool(name) and _commit(name) is not None


def file_at_revision(revision: str, name: str) -> bytes:
    """The content of a file at a revision; relative to the repository, as in git, or else to the current folder.

    Raises:
        ContractError: there is no such file.
    """
    commit = _commit(revision)
    for path in (name, f"./{name}"):
        done = _git("show", "--end-of-options", f"{commit}:{path}")
        if done is not None and done.returncode == 0:
            return done.stdout
    raise ContractError(f"no file `{name}` at the revision `{revision}`", "write its path relative to the repository")


def app_at_revision(revision: str, app: str) -> bytes:
    """The contract of an application at a revision, as text. `app` is its name, as for other commands.

    Raises:
        ContractError: there is no such revision, or the application cannot be imported there.
    """
    commit = _commit(revision)
    if commit is None:
        raise ContractError(f"no revision `{revision}`", "name a commit, a branch or a tag of this repository")
    with _worktree(commit) as (root, tree):
        folder = tree / Path.cwd().resolve().relative_to(root)
        if not folder.is_dir():
            raise ContractError(f"this folder is not in the revision `{revision}`", "run the command in another folder")
        out = tree.parent / "contract.json"
        # -P: modules of the current folder are found after signette, which is that of this process.
        command = [sys.executable, "-P", "-m", LOADER, app, str(root), str(tree), str(out)]
        done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, check=False)  # noqa: S603
        if done.returncode or not out.exists():
            lines = done.stderr.decode(errors="replace").strip().splitlines()[-_MAX_ERROR_LINES:]
            reason = "\n    ".join(lines) or f"exit status {done.returncode}"
            raise ContractError(
                f"cannot load `{app}` at the revision `{revision}`:\n    {reason}",
                "commit what it needs, or compare with a file: `signette lock` writes one",
            )
        return out.read_bytes()


@contextmanager
def _worktree(commit: str) -> Iterator[tuple[Path, Path]]:
    """The repository, and a folder with the files of a commit, which is removed at the end."""
    found = _git("rev-parse", "--show-toplevel")
    assert found is not None  # there is a commit
    root = Path(os.fsdecode(found.stdout).rstrip("\r\n")).resolve()
    with TemporaryDirectory(prefix="signette-") as folder:
        tree = Path(folder).resolve() / "tree"
        try:
            made = _git(*_NO_HOOKS, "worktree", "add", "--quiet", "--detach", str(tree), commit)
            if made is None or made.returncode:
                reason = b"" if made is None else made.stderr
                raise ContractError(
                    f"git cannot check out `{commit}`: {reason.decode(errors='replace').strip()}",
                    "free some space, or compare with a file",
                )
            yield root, tree
        finally:
            _git("worktree", "remove", "--force", str(tree))
            _git("worktree", "prune")


def _commit(revision: str) -> str | None:
    """The hash of a commit; None if there is no such commit, no repository or no git."""
    done = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return done.stdout.decode().strip() if done is not None and done.returncode == 0 else None


def _git(*arguments: str) -> "subprocess.CompletedProcess[bytes] | None":
    # In a hook, git names its index: a worktree that used it would change what is about to be committed.
    environment = {name: value for name, value in os.environ.items() if name != "GIT_INDEX_FILE"}
    try:
        return subprocess.run(["git", *arguments], env=environment, capture_output=True, check=False)  # noqa: S603, S607 - a fixed command
    except FileNotFoundError:
        return None


def _environment() -> dict[str, str]:
    """The environment of the process that imports the application: it finds this signette."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    home = Path(__file__).resolve().parents[2]
    # Installed packages are found without it, and would come before the standard library with it.
    if home not in {Path(get_path(name)).resolve() for name in ("purelib", "platlib")}:
        known = environment.get("PYTHONPATH", "").split(os.pathsep)
        environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([str(home), *filter(None, known)]))
    return environment

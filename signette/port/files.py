"""Finds the Python files of a code base, and reads and writes them without changing what the port does not change."""

import io
import os
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

BOM = b"\xef\xbb\xbf"
PYTHON = {".py", ".pyi"}
# Folders of other people's code, and of what tools make.
SKIPPED = {"__pycache__", "node_modules", "site-packages"}


class UnreadableSource(Exception):
    """A file is not Python source text: its line, and what is wrong."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line
        self.problem = problem


@dataclass(frozen=True)
class SourceText:
    """The text of a file, and how it was written as bytes. Line ends are in the text."""

    text: str
    encoding: str
    bom: bytes

    def encode(self, text: str) -> bytes:
        """The bytes of a changed text, in the encoding and with the byte order mark of the file."""
        return self.bom + text.encode(self.encoding)


def decode(content: bytes) -> SourceText:
    """The text of a file's bytes, by its byte order mark or its `coding:` comment.

    Raises:
        UnreadableSource: the encoding is unknown, or the bytes are not of it.
    """
    bom = BOM if content.startswith(BOM) else b""
    content = content.removeprefix(BOM)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return SourceText(content.decode(encoding), encoding, bom)
    except SyntaxError as exc:
        raise UnreadableSource(1, exc.msg) from None
    except UnicodeDecodeError as exc:
        raise UnreadableSource(content.count(b"\n", 0, exc.start) + 1, f"not {exc.encoding}: {exc.reason}") from None


def files_below(paths: Sequence[Path]) -> Iterator[Path]:
    """The files that the paths name, each once. Folders are searched; hidden ones, links and environments are not."""
    seen = set()
    for path in paths:
        for file in _walk(path) if path.is_dir() else [path]:
            if (real := file.resolve()) not in seen:
                seen.add(real)
                yield file


def _walk(folder: Path) -> Iterator[Path]:
    for at, folders, files in os.walk(folder):
        here = Path(at)
        folders[:] = sorted(name for name in folders if not _is_skipped(here / name))
        yield from (here / name for name in sorted(files) if not (here / name).is_symlink())


def _is_skipped(folder: Path) -> bool:
    name = folder.name
    return name.startswith(".") or name in SKIPPED or (folder / "pyvenv.cfg").exists()

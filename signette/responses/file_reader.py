"""Reading a file in worker threads, a few blocks at each hop, and closing it whatever happens.

Theory of operation. A hop to a worker thread costs more than reading 64 KiB, so a hop does all that it can:
the first one looks at the file, opens it and reads, and a hop that comes to the end closes the file too. A
cancellation may come while a thread is at work: see `ThreadOwned`.
"""

import os
import stat
from collections.abc import Iterator
from io import RawIOBase
from typing import NamedTuple, TypeVar

from signette._thread_owned import ThreadOwned
from signette.responses.multirange import ByteRanges

# PERF: reading ahead spares hops, and each download holds that much: 4 blocks of 64 KiB.
BLOCKS_AT_ONCE = 4

FilePath = str | os.PathLike[str]
Result = TypeVar("Result")


class Block(NamedTuple):
    """Some bytes of a body, and whether more follow."""

    data: bytes
    more: bool


def missing_file(path: FilePath) -> RuntimeError:
    return RuntimeError(f"File at path {os.fspath(path)} does not exist.")


def not_a_file(path: FilePath) -> RuntimeError:
    return RuntimeError(f"File at path {os.fspath(path)} is not a file.")


def stat_file(path: FilePath) -> os.stat_result:
    """What the system knows of the file. Blocks. Raises RuntimeError: it is missing, or no ordinary file."""
    try:
        found = os.stat(path)  # noqa: PTH116 - PERF: a Path is not worth making for one call
    except (FileNotFoundError, NotADirectoryError) as error:
        raise missing_file(path) from error
    if not stat.S_ISREG(found.st_mode):
        raise not_a_file(path)  # opening a pipe would wait for its writer
    return found


class FileReader(ThreadOwned):
    """Opens, reads and closes the file of one response. Its methods block: a thread calls them through `use`."""

    # PERF: defaults of the class; a reader is made for each response.
    _file: RawIOBase | None = None
    _blocks: Iterator[Block] = iter(())

    def open(self, path: FilePath, body: ByteRanges, chunk_size: int) -> list[Block]:
        """Opens the file and gives its first blocks.

        Raises:
            RuntimeError: there is no such file (any more), or it ends before `body` does; `read_on` raises
            the latter too.
        """
        try:
            # PERF: no buffer, the blocks are large and would only be copied once more.
            self._file = open(path, "rb", buffering=0)  # noqa: SIM115, PTH123 - closed by us; PERF
        except (FileNotFoundError, NotADirectoryError) as error:
            raise missing_file(path) from error
        except IsADirectoryError as error:
            raise not_a_file(path) from error
        self._blocks = _read_blocks(self._file, body, chunk_size, path)
        return self.read_on()

    def read_on(self) -> list[Block]:
        """The next blocks; with the last one the file is closed."""
        blocks: list[Block] = []
        for block in self._blocks:
            blocks.append(block)
            if len(blocks) == BLOCKS_AT_ONCE:
                break
        if not blocks[-1].more:
            self.close()
        return blocks

    def close(self) -> None:
        """Close the file, if it is open."""
        if self._file is not None:
            self._file.close()


def _read_blocks(file: RawIOBase, body: ByteRanges, chunk_size: int, path: FilePath) -> Iterator[Block]:
    waiting = b""
    last = len(body.parts) - 1
    for index, (head, start, stop) in enumerate(body.parts):
        waiting += head
        position = start
        file.seek(start)
        while position < stop:
            data = file.read(min(chunk_size, stop - position))
            if not data:
                raise RuntimeError(f"File at path {os.fspath(path)} is shorter than expected.")
            position += len(data)
            waiting += data
            if len(waiting) >= chunk_size and (index < last or position < stop):
                yield Block(waiting, more=True)
                waiting = b""
    yield Block(waiting + body.tail, more=False)

"""Reads a file in worker threads, several blocks with each call, and always closes it.

Theory of operation. A call of a worker thread costs more than reading 64 KiB. So the first call reads the metadata,
opens the file and reads the first blocks, and the call that reads the last block closes the file. A cancellation may
occur while a thread runs: see `ThreadOwned`.
"""

import os
import stat
from collections.abc import Iterator
from io import RawIOBase
from typing import NamedTuple, TypeVar

from signette._thread_owned import ThreadOwned
from signette.responses.multirange import ByteRanges

# PERF: fewer calls of worker threads; each download keeps 4 blocks of 64 KiB in memory.
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
    """The stat of a file. Blocks. Raises RuntimeError if it does not exist or is not a regular file."""
    try:
        stat_result = os.stat(path)  # noqa: PTH116 - PERF
    except (FileNotFoundError, NotADirectoryError) as error:
        raise missing_file(path) from error
    if not stat.S_ISREG(stat_result.st_mode):
        raise not_a_file(path)  # opening a pipe would wait for its writer
    return stat_result


class FileReader(ThreadOwned):
    """Opens, reads and closes the file of a response. Its methods block: call them with `use`, in a worker thread."""

    # PERF: class attributes as defaults, as each response creates a reader.
    _file: RawIOBase | None = None
    _blocks: Iterator[Block] = iter(())

    def open(self, path: FilePath, body: ByteRanges, chunk_size: int) -> list[Block]:
        """Open the file and read its first blocks.

        Raises:
            RuntimeError: the file does not exist, or is shorter than `body`; `read_next` raises the latter, too.
        """
        try:
            # PERF: unbuffered, as a buffer would only copy the large blocks.
            self._file = open(path, "rb", buffering=0)  # noqa: SIM115, PTH123 - closed by `close`; PERF
        except (FileNotFoundError, NotADirectoryError) as error:
            raise missing_file(path) from error
        except IsADirectoryError as error:
            raise not_a_file(path) from error
        self._blocks = _read_blocks(self._file, body, chunk_size, path)
        return self.read_next()

    def read_next(self) -> list[Block]:
        """Read the next blocks. Closes the file after the last one."""
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
    pending = b""
    last = len(body.parts) - 1
    for index, (head, start, stop) in enumerate(body.parts):
        pending += head
        position = start
        file.seek(start)
        while position < stop:
            data = file.read(min(chunk_size, stop - position))
            if not data:
                raise RuntimeError(f"File at path {os.fspath(path)} is shorter than expected.")
            position += len(data)
            pending += data
            if len(pending) >= chunk_size and (index < last or position < stop):
                yield Block(pending, more=True)
                pending = b""
    yield Block(pending + body.tail, more=False)

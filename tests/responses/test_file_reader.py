from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from signette.responses import file_reader as reading
from signette.responses.file_reader import Block, FileReader
from signette.responses.multirange import ByteRanges, Part
from tests.timeouts import SECONDS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    return path


def test_blocks_follow_each_other_until_the_file_is_closed(path: Path, opened: list[Any]) -> None:
    reader = FileReader()
    blocks = reader.use(lambda: reader.open(path, ByteRanges.whole(10), 2))
    assert blocks == [Block(b"01", True), Block(b"23", True), Block(b"45", True), Block(b"67", True)]
    assert reader.use(reader.read_next) == [Block(b"89", False)]
    assert [file.closed for file in opened] == [True]


def test_text_before_and_after_the_parts_is_sent_too(path: Path) -> None:
    reader = FileReader()
    body = ByteRanges([Part(b"<", 2, 4), Part(b"|", 8, 10)], b">")
    assert reader.open(path, body, 64) == [Block(b"<23|89>", False)]
    assert body.length == 7


def test_abandoning_closes_at_once_when_no_thread_reads(path: Path, opened: list[Any]) -> None:
    reader = FileReader()
    reader.open(path, ByteRanges.whole(10), 1)
    reader.release_soon(reader.close)
    reader.release_soon(reader.close)
    assert [file.closed for file in opened] == [True]


def test_a_release_while_a_thread_reads_lets_the_thread_close(path: Path, opened: list[Any]) -> None:
    reader = FileReader()
    reads, go_on = Event(), Event()

    def read() -> list[Block]:
        blocks = reader.open(path, ByteRanges.whole(10), 1)
        reads.set()
        go_on.wait(SECONDS)
        assert [file.closed for file in opened] == [False]  # not under the hands of the one who reads
        return blocks

    with ThreadPoolExecutor(1) as pool:
        visit = pool.submit(reader.use, read)
        reads.wait(SECONDS)
        reader.release_soon(reader.close)
        go_on.set()
        blocks = visit.result()
        assert blocks is not None
        assert len(blocks) == reading.BLOCKS_AT_ONCE
    assert [file.closed for file in opened] == [True]


def test_a_thread_that_starts_after_a_release_opens_nothing(path: Path, opened: list[Any]) -> None:
    reader = FileReader()
    reader.release_soon(reader.close)
    assert reader.use(lambda: reader.open(path, ByteRanges.whole(10), 1)) is None
    assert opened == []

"""Items in bytes: JSON Lines, JSON text sequences and JSON arrays, in chunks that are cut anywhere."""

import json
import re
from typing import Protocol

from signette.client.runtime.errors import ClientError


class MalformedItem(ClientError, ValueError):
    """A stream of items does not follow its format, or an item is not of its type."""


class Framing(Protocol):
    """Finds the JSON texts of items in bytes."""

    def feed(self, data: bytes) -> list[bytes]:
        """The texts that are complete with these bytes."""
        ...

    def end(self) -> list[bytes]:
        """The texts that the end of the stream completes. Raises MalformedItem if it ends too early."""
        ...


class LineFraming:
    """JSON Lines: a text on each line. Blank lines are ignored, and the last line needs no line break."""

    def __init__(self) -> None:
        # A list, so that a text in many chunks is not copied for each of them.
        self._tail: list[bytes] = []

    def feed(self, data: bytes) -> list[bytes]:
        """The texts of complete lines."""
        whole, line_break, rest = data.rpartition(b"\n")
        if not line_break:
            self._tail.append(data)
            return []
        lines = b"".join((*self._tail, whole)).split(b"\n")
        self._tail = [rest]
        return [line for line in lines if line.strip()]

    def end(self) -> list[bytes]:
        """The text of the last line."""
        line, self._tail = b"".join(self._tail), []
        return [line] if line.strip() else []


class SequenceFraming:
    """A JSON text sequence (RFC 7464): each text is between a record separator and a line feed."""

    def __init__(self) -> None:
        self._tail = b""
        self._has_begun = False

    def feed(self, data: bytes) -> list[bytes]:
        """The texts that have ended: another one has begun, or a line feed follows a whole JSON text."""
        *records, last = (self._tail + data).split(b"\x1e")
        if not self._has_begun and records:
            self._has_begun = True
            if records.pop(0).strip():
                raise MalformedItem("the sequence does not begin with a record separator")
        if self._has_begun and last.endswith(b"\n") and _is_json(last):
            records.append(last)
            last = b""
        elif self._has_begun and not last.strip():
            last = b""
        self._tail = last
        return [record for record in records if record.strip()]

    def end(self) -> list[bytes]:
        """The last text, which has to be whole."""
        last, self._tail = self._tail, b""
        if last.strip() and not self._has_begun:
            raise MalformedItem("the sequence does not begin with a record separator")
        return [last] if last.strip() else []


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


_STRING_STOP = re.compile(rb'["\\]')
_STRUCTURE = re.compile(rb'["\[\]{},]')


class ArrayFraming:
    """A JSON array: the text of each element ends at a comma, or at the end of the array."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._begin = self._position = 0
        self._depth = 0
        self._is_in_string = False
        self._found: list[bytes] = []
        self._has_elements = self._is_over = False

    def feed(self, data: bytes) -> list[bytes]:
        """The texts of the elements that have ended."""
        self._buffer += data
        while not self._is_over and (self._in_string() if self._is_in_string else self._outside()):
            pass
        if self._is_over and self._buffer[self._position :].strip():
            raise MalformedItem("text follows the end of the JSON array")
        cut = self._begin if self._depth else self._position
        del self._buffer[:cut]
        self._begin = 0
        self._position -= cut
        found, self._found = self._found, []
        return found

    def end(self) -> list[bytes]:
        """Without a text: the array ends itself."""
        if not self._is_over:
            raise MalformedItem("the JSON array ends before its `]`")
        return []

    def _in_string(self) -> bool:
        stop = _STRING_STOP.search(self._buffer, self._position)
        if stop is None:
            self._position = len(self._buffer)
            return False
        if stop[0] == b"\\":
            if stop.end() == len(self._buffer):
                self._position = stop.start()
                return False
            self._position = stop.end() + 1
            return True
        self._is_in_string = False
        self._position = stop.end()
        return True

    def _outside(self) -> bool:
        stop = _STRUCTURE.search(self._buffer, self._position)
        if not self._depth:
            before = self._buffer[self._position : len(self._buffer) if stop is None else stop.start()]
            if before.strip() or (stop is not None and stop[0] != b"["):
                raise MalformedItem("the response is not a JSON array")
        if stop is None:
            self._position = len(self._buffer)
            return False
        self._position = stop.end()
        self._step(stop[0], stop.start())
        return True

    def _step(self, byte: bytes, at: int) -> None:
        if byte == b'"':
            self._is_in_string = True
        elif byte in b"[{":
            self._depth += 1
            if self._depth == 1:
                self._begin = self._position
        elif byte in b"]}":
            self._depth -= 1
            if not self._depth:
                self._take(at, is_last=True)
                self._is_over = True
        elif self._depth == 1:
            self._take(at)

    def _take(self, at: int, *, is_last: bool = False) -> None:
        text = bytes(self._buffer[self._begin : at])
        self._begin = at + 1
        if text.strip():
            self._has_elements = True
            self._found.append(text)
        elif not is_last or self._has_elements:
            raise MalformedItem("an element of the JSON array is missing")

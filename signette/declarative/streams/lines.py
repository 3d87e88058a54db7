"""JSON Lines (also known as NDJSON): an item on each line."""

from signette.declarative.streams.framing import Framing, fitting, too_large


class Lines(Framing):
    """An item on each line. Blank lines are ignored, and the last line needs no line break."""

    def __init__(self, max_item_bytes: int) -> None:
        super().__init__(max_item_bytes)
        # A list, so that an item in many chunks is not copied for each of them.
        self._tail: list[bytes] = []
        self._tail_bytes = 0
        self._items: list[bytes] = []
        self._most = 0

    def feed(self, data: bytes) -> None:
        # JSON has no line break inside of a value that is not escaped.
        cut = data.rfind(b"\n")
        if cut < 0:
            self._tail.append(data)
            self._tail_bytes += len(data)
            return
        block = b"".join((*self._tail, data[:cut]))
        self._tail = [data[cut + 1 :]]
        self._tail_bytes = len(self._tail[0])
        self._items += filter(bytes.strip, block.split(b"\n"))
        self._most = max(self._most, len(block))

    def end(self) -> None:
        last = b"".join(self._tail)
        self._tail, self._tail_bytes = [], 0
        if last.strip():
            self._items.append(last)
            self._most = max(self._most, len(last))

    def take(self) -> list[bytes]:
        items, self._items = self._items, []
        limit, most, self._most = self.max_item_bytes, self._most, 0
        # PERF: the lines of a short block are short.
        if most > limit and (found := fitting(items, limit)) is not None:
            self.failure = too_large(limit)
            return found
        if self._tail_bytes > limit:
            self.failure = too_large(limit)
        return items

"""JSON text sequences (RFC 7464): a record separator before each item, and a line break after it."""

from signette._http.json import loads
from signette.declarative.streams.framing import Failure, Framing, fitting, too_large

SEPARATOR = b"\x1e"
# The bytes at which a value has ended. Without one, `12` may be the beginning of `123`.
_ENDED = b'}]" \t\r\n'


class Sequence(Framing):
    """Items after record separators. An empty item is ignored, a truncated one is invalid (RFC 7464 §2.4)."""

    def __init__(self, max_item_bytes: int) -> None:
        super().__init__(max_item_bytes)
        self._tail: list[bytes] = []
        self._tail_bytes = 0
        self._tried_bytes = 0
        self._has_started = False
        self._items: list[bytes] = []
        self._before: Failure | None = None

    def feed(self, data: bytes) -> None:
        if not self._has_started:
            before, separator, data = data.partition(SEPARATOR)
            if before.strip() and self._before is None:
                self._before = Failure(400, "expected a record separator", 0)
            self._has_started = bool(separator)
        if not self._has_started or self._before is not None:
            return
        cut = data.rfind(SEPARATOR)
        if cut >= 0:
            block = b"".join((*self._tail, data[:cut]))
            self._tail, self._tail_bytes, self._tried_bytes = [], 0, 0
            self._items += filter(bytes.strip, block.split(SEPARATOR))
            data = data[cut + 1 :]
        self._tail.append(data)
        self._tail_bytes += len(data)
        if data.endswith(b"\n"):
            self._try_last()

    def _try_last(self) -> None:
        """Take the last item before the next separator arrives, if it is complete."""
        # Only if it has doubled, so that an item in many chunks is not parsed for each of them.
        if self._tail_bytes < 2 * self._tried_bytes or self._tail_bytes > self.max_item_bytes:
            return
        last = b"".join(self._tail)
        self._tried_bytes = len(last)
        try:
            loads(last)
        except ValueError:
            self._tail = [last]
            return
        self._tail, self._tail_bytes, self._tried_bytes = [], 0, 0
        self._items.append(last)

    def end(self) -> None:
        block = b"".join(self._tail)
        self._tail, self._tail_bytes = [], 0
        self._items += filter(bytes.strip, [block])

    def take(self) -> list[bytes]:
        items, self._items = self._items, []
        limit = self.max_item_bytes
        found = fitting(items, limit)
        if found is not None:
            items, self.failure = found, too_large(limit)
        elif self._tail_bytes > limit:
            self.failure = too_large(limit)
        elif self._before is not None:
            self.failure = self._before
        # An empty text is what a validator reports as incomplete.
        return [item if item[-1] in _ENDED else b"" for item in items]

"""A JSON array: finds the items in its bytes.

Theory of operation. There are two ways:

* `take` looks for the end of each item, by regular expressions that skip whole strings. It continues where the bytes
  that have arrived so far ended, and looks at no byte twice.
* `text` guesses. Items of one array mostly look alike: what is between the first two of them, `},{"id"`, is also
  between the last two that have arrived. All before that is parsed as an array. If it is a valid array, the guess was
  right, because an array ends outside of strings and of nested values only. Otherwise `take` has to look, and after
  one wrong guess there is no other.
"""

import re

from signette._patterns import lazy_pattern
from signette.declarative.streams.framing import Failure, Framing, too_large

_SPACE = lazy_pattern(rb"[ \t\r\n]*+")
# In an array or an object, up to the next bracket. It stops at a string whose end has not arrived.
_INSIDE = lazy_pattern(rb'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)
# In a string, up to its end, or to a backslash whose escaped character has not arrived.
_STRING = lazy_pattern(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_SCALAR = lazy_pattern(rb'[^ \t\r\n,\[\]{}"]*+')
# From the last byte of an item to the first one of the next, for objects with the name of the first member.
_BETWEEN = lazy_pattern(rb'[}\]"]?[ \t\r\n]*+,[ \t\r\n]*+(?:\{[ \t\r\n]*+"[^"\\]*+"|[\["]|(?![ \t\r\n{]))', re.DOTALL)
# An array or an object with others in it that have none themselves, and the comma after it.
_FLAT = lazy_pattern(
    rb'[ \t\r\n]*+([\[{](?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"'
    rb'|[\[{](?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+[\]}])*+[\]}])[ \t\r\n]*+,',
    re.DOTALL,
)
_QUOTE, _COMMA, _OPEN, _CLOSE = b'",[]'
_OPENING, _CLOSING = b"[{", b"]}"

# What is parsed as one array. PERF: larger ones are no faster; a smaller one is not worth a guess.
MOST_TEXT = 256 * 1024
LEAST_TEXT = 1024

# What comes next: the array, its first item or its end, an item, a comma or the end of the array, nothing; or the rest
# of an item: of an array or an object, of a string in these, of a string, or of another value.
_START, _FIRST, _ITEM, _AFTER, _END, _IN_VALUE, _IN_INNER_STRING, _IN_STRING, _IN_SCALAR = range(9)
_BETWEEN_ITEMS = frozenset({_START, _FIRST, _ITEM, _AFTER, _END})


class Array(Framing):
    """The items of a JSON array."""

    def __init__(self, max_item_bytes: int) -> None:
        super().__init__(max_item_bytes)
        self._buffer = bytearray()
        self._dropped_bytes = 0
        self._state = _START
        self._at = 0  # what was looked at
        self._start = 0  # of the item
        self._depth = 0
        self._ended = False
        self._guesses = min(MOST_TEXT, max_item_bytes) >= LEAST_TEXT
        self._between = b""
        self._text_end = 0
        self._exact_until = 0

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def end(self) -> None:
        self._ended = True

    # -- guesses -------------------------------------------------------------------------------------------------------

    def text(self) -> bytes | None:
        if self._state == _AFTER:
            self._step_between()
        if not self._between or not self._guesses or self._state in _BETWEEN_ITEMS - {_ITEM}:
            return None
        buffer = self._buffer
        start = self._at if self._state == _ITEM else self._start
        if self._dropped_bytes + start < self._exact_until:
            return None
        most = start + min(MOST_TEXT, self.max_item_bytes)
        cut = buffer.rfind(self._between, start, most + len(self._between))
        if cut - start < LEAST_TEXT:
            return None
        self._text_end = cut + (self._between[0] in b'}]"')
        return b"".join((b"[", buffer[start : self._text_end], b"]"))

    def accept(self, count: int) -> None:  # noqa: ARG002 - as `Framing` has it
        self._state = _AFTER
        self._drop(self._text_end)

    def reject(self, *, is_json: bool) -> None:
        self._guesses = is_json
        self._exact_until = self._dropped_bytes + self._text_end

    # -- each item -----------------------------------------------------------------------------------------------------

    def take(self) -> list[bytes]:
        items: list[bytes] = []
        while self.failure is None:
            if self._state == _ITEM:
                self._take_flat(items)
            if not self._step(items):
                break
            # Guess as soon as it is known what is between items.
            if items and self._can_guess and len(self._buffer) - self._at > LEAST_TEXT:
                break
        kept = self._at if self._state in _BETWEEN_ITEMS else self._start
        if len(self._buffer) - kept > self.max_item_bytes and self._state not in _BETWEEN_ITEMS and not self.failure:
            self.failure = too_large(self.max_item_bytes)
        self._drop(kept)
        return items

    @property
    def _can_guess(self) -> bool:
        return bool(self._between) and self._guesses and self._dropped_bytes + self._at >= self._exact_until

    def _take_flat(self, items: list[bytes]) -> None:
        """Take the next items that are objects or arrays with a depth of at most two, each with the comma after it."""
        # PERF: half of what `_step` costs.
        buffer, at, limit = self._buffer, self._at, self.max_item_bytes
        most = self._exact_until - self._dropped_bytes if self._guesses and self._between else len(buffer)
        while at < most and (match := _FLAT.match(buffer, at)) is not None:
            item = match[1]
            if len(item) > limit:
                break  # `_step` reports it
            items.append(item)
            at = match.end()
        self._at = at

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._dropped_bytes += count
        self._at = max(self._at - count, 0)
        self._start = 0

    def _step(self, items: list[bytes]) -> bool:
        """Look at the next part of the array. Returns False when all that has arrived was looked at."""
        state = self._state
        if state in _BETWEEN_ITEMS:
            return self._step_between()
        if state == _IN_VALUE:
            end = self._end_of_value()
        elif state == _IN_SCALAR:
            end = self._end_of_scalar()
        else:
            end = self._end_of_string()
            if end and state == _IN_INNER_STRING:
                self._at, self._state = end, _IN_VALUE
                return True
        if not end:
            return self._fail_if_ended()
        if end - self._start > self.max_item_bytes:
            self.failure = too_large(self.max_item_bytes)
            return False
        items.append(bytes(self._buffer[self._start : end]))
        self._at, self._state = end, _AFTER
        if self._guesses and not self._between:
            self._learn(end)
        return True

    def _step_between(self) -> bool:
        """Look at the brackets of the array and at the commas, up to the first byte of an item."""
        buffer = self._buffer
        match = _SPACE.match(buffer, self._at)
        assert match is not None
        at = self._at = match.end()
        if at == len(buffer):
            return self._fail_if_ended()
        byte, state = buffer[at], self._state
        if state == _START:
            return self._go_on(_FIRST) if byte == _OPEN else self._fail("expected an array")
        if state == _AFTER and byte == _COMMA:
            return self._go_on(_ITEM)
        if state in (_AFTER, _FIRST) and byte == _CLOSE:
            return self._go_on(_END)
        if state == _END:
            return self._fail("unexpected characters after the array")
        if state == _AFTER:
            return self._fail("expected `,` or `]`")
        self._start = at
        if byte in _OPENING:
            self._depth = 1
            return self._go_on(_IN_VALUE)
        if byte == _QUOTE:
            return self._go_on(_IN_STRING)
        if byte in b",]}":
            return self._fail("expected a value")
        self._state = _IN_SCALAR
        return True

    def _go_on(self, state: int) -> bool:
        self._at += 1
        self._state = state
        return True

    def _end_of_value(self) -> int:
        """The end of an array or an object; 0 if it has not arrived."""
        buffer, at, depth, size = self._buffer, self._at, self._depth, len(self._buffer)
        inside = _INSIDE.match
        while True:
            at = inside(buffer, at).end()  # type: ignore[union-attr]  # it matches the empty text
            if at == size:
                break
            byte = buffer[at]
            at += 1
            if byte in _CLOSING:
                depth -= 1
                if not depth:
                    return at
            elif byte in _OPENING:
                depth += 1
            else:  # a string whose end has not arrived
                self._state = _IN_INNER_STRING
                at = _STRING.match(buffer, at).end()  # type: ignore[union-attr]
                break
        self._at, self._depth = at, depth
        return 0

    def _end_of_string(self) -> int:
        buffer = self._buffer
        at = _STRING.match(buffer, self._at).end()  # type: ignore[union-attr]  # it matches the empty text
        if at < len(buffer) and buffer[at] == _QUOTE:
            return at + 1
        self._at = at
        return 0

    def _end_of_scalar(self) -> int:
        at = self._at = _SCALAR.match(self._buffer, self._at).end()  # type: ignore[union-attr]
        return at if at < len(self._buffer) else 0

    def _learn(self, end: int) -> None:
        """Note what is between two items, if the next one has arrived."""
        last = end - 1 if self._buffer[end - 1] in b'}]"' else end
        between = _BETWEEN.match(self._buffer, last)
        # The next byte shows that it is whole.
        if between is not None and between.end() < len(self._buffer):
            self._between = between[0]

    def _fail(self, reason: str) -> bool:
        self.failure = Failure(400, reason, self._dropped_bytes + self._at)
        return False

    def _fail_if_ended(self) -> bool:
        if self._ended and self._state != _END:
            self._fail("expected an array" if self._state == _START else "the array is truncated")
        return False

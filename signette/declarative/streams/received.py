"""`Received`: chunks of a body -> valid items, with the limits and the error policy of a stream."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from signette._dataclasses import dataclass
from signette._http.encodings import content_codings
from signette._http.json import has_more_values
from signette.declarative.adapters.validators import Check, EveryError, ValidationError, has_suspect_number
from signette.declarative.signature.items import OnError
from signette.declarative.streams.framing import Failure, Framing
from signette.exceptions import ErrorEntry, HTTPException, LimitExceeded, RequestValidationError
from signette.middleware.decompression import unsupported_encoding
from signette.problems import MAX_ERRORS

_BOM = b"\xef\xbb\xbf"
ErrorsOf = Callable[..., list[ErrorEntry]]


class InvalidItem(Exception):
    """An item is not valid, for a reason that its validator does not know."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(code, message)


@dataclass(frozen=True, slots=True)
class ItemRules:
    """What a plan says of the items of a stream, and the functions that validate them."""

    check: Check
    """Validates one item, as the framing returns it."""
    check_finite: Check | None
    """The same for items of JSON without a suspect number, if that is faster."""
    check_text: Check | None
    """Validates a JSON array of items."""
    every_error: EveryError | None
    sent: Callable[[Any], Any]
    """An item as it was sent, for the pointers of its errors."""
    is_separated: bool
    on_error: OnError
    max_errors: int
    max_items: int | None
    max_values: int | None
    """The most values in an item."""


class Received:
    """The items of a body, in the order sent. The caller passes chunks on until there are items."""

    def __init__(
        self,
        framing: Framing,
        rules: ItemRules,
        errors_of: ErrorsOf,
        headers: Mapping[bytes, bytes],
    ) -> None:
        self.valid_count = 0
        self.invalid_count = 0
        self.errors: list[ErrorEntry] = []
        self.is_over = False
        self._framing = framing
        self._rules = rules
        self._errors_of = errors_of
        self._headers = headers
        self._items: list[Any] = []  # that have arrived
        self._rest: Iterator[Any] = iter(())
        self._at = 0
        self._check: Check = rules.check
        self._invalid: tuple[Any, Exception] | None = None
        self._is_too_long = False
        self._head: bytes | None = b""  # of the body, until it is known whether it is a byte order mark
        self._failure: Exception | None = None

    @property
    def _count(self) -> int:
        return self.valid_count + self.invalid_count

    def feed(self, chunk: bytes) -> None:
        """Add a chunk of the body."""
        if self._head is not None:
            chunk = self._head + chunk
            if len(chunk) < len(_BOM) and _BOM.startswith(chunk):
                self._head = chunk
                return
            self._head, chunk = None, chunk.removeprefix(_BOM)
        self._framing.feed(chunk)

    def end(self) -> None:
        """Note that the body has ended."""
        if self._head:
            self._framing.feed(self._head)
        self._head = None
        self._framing.end()
        self.is_over = True

    def take(self) -> list[Any]:
        """The next valid items. Empty: more of the body is needed, or it has ended.

        Raises:
            RequestValidationError: 422, items are not valid.
            HTTPException: 400, the body is malformed; 413, it exceeds a limit.
        """
        try:
            return self._take()
        except Exception as failure:
            self._failure = failure
            raise

    def _take(self) -> list[Any]:
        if self._failure is not None:
            raise self._failure
        framing, check_text = self._framing, self._rules.check_text
        while True:
            values: list[Any] = []
            if self._invalid is not None:
                invalid, self._invalid = self._invalid, None
                self._note(*invalid)
            elif self._items:
                values = self._checked()
            elif self._is_too_long:
                raise too_many_items(self._count)
            elif check_text is not None and (text := framing.text()) is not None:
                values = self._checked_together(text, check_text)
            elif items := framing.take():
                self._accept(items)
            else:
                self._end()
                return []
            if values:
                return values

    def _end(self) -> None:
        """Raise what ends the stream, if something does."""
        if self._framing.failure is not None:
            raise self._failed(self._framing.failure)
        if self.is_over and self.errors and self._rules.on_error == "collect":
            raise RequestValidationError(self.errors)

    def _accept(self, items: list[Any]) -> None:
        """Take the items of a part of the body on, up to the maximum."""
        most = self._rules.max_items
        if most is not None and len(items) > most - self._count:
            self._is_too_long = True
            items = items[: most - self._count]
        self._items, self._rest, self._at = items, iter(items), 0
        rules = self._rules
        # PERF: to look at all items at once takes a tenth of what it takes for each of them.
        check = rules.check_finite
        self._check = rules.check if check is None or has_suspect_number(b"\n".join(items)) else check

    def _checked(self) -> list[Any]:
        """The valid items before the next invalid one, which is noted at the next call."""
        values: list[Any] = []
        try:
            values.extend(map(self._check if self._rules.max_values is None else self._check_values, self._rest))
        except Exception as failure:  # noqa: BLE001 - of a validator: raised or noted by `_note`
            at = self._at + len(values)
            self._invalid = (self._items[at], failure)
            self._at = at + 1
        else:
            self._items = []
        self.valid_count += len(values)
        return values

    def _check_values(self, item: Any) -> Any:
        most = self._rules.max_values
        if most is not None and len(item) > most and has_more_values(item, most):
            raise LimitExceeded(413, "json_values", most, f"item {self._count + 1} has more than {most} values")
        return self._check(item)

    def _checked_together(self, text: bytes, check_text: Check) -> list[Any]:
        """The items of a JSON array, if all of them are valid."""
        try:
            values: list[Any] = check_text(text)
        except Exception as failure:  # noqa: BLE001 - each item is validated on its own below
            is_json = not isinstance(failure, ValidationError) or not is_not_json(failure)
            self._framing.reject(is_json=is_json)
            return []
        most = self._rules.max_items
        if most is not None and len(values) > most - self._count:
            self._framing.reject(is_json=True)
            return []
        self._framing.accept(len(values))
        self.valid_count += len(values)
        return values

    # -- errors --------------------------------------------------------------------------------------------------------

    def _note(self, item: Any, failure: Exception) -> None:
        """Note an invalid item, or raise what ends the stream."""
        rules, index = self._rules, self._count
        # PERF: the entries of an item cost more than its validation.
        is_full = rules.on_error == "skip" and len(self.errors) >= MAX_ERRORS
        if is_full and isinstance(failure, ValidationError) and not is_not_json(failure):
            self.invalid_count += 1
            return
        if isinstance(failure, InvalidItem):
            entries = [entry_of(index, failure.code, failure.message)]
        elif isinstance(failure, ValidationError):
            sent = rules.sent(item)
            every = failure if rules.every_error is None else rules.every_error(failure, sent)
            try:
                entries = self._errors_of(every, sent, self._headers, within=(index,))
            except HTTPException as malformed:
                if malformed.status_code != 400:
                    raise
                entries = self._malformed(malformed)
        elif isinstance(failure, HTTPException) and failure.status_code == 400:
            entries = self._malformed(failure)
        else:
            raise failure
        if rules.on_error == "fail":
            raise RequestValidationError(entries)
        self.invalid_count += 1
        most = rules.max_errors if rules.on_error == "collect" else MAX_ERRORS
        self.errors += entries[: most - len(self.errors)]
        if rules.on_error == "collect" and len(self.errors) >= most:
            raise RequestValidationError(self.errors)

    def _malformed(self, failure: HTTPException) -> list[ErrorEntry]:
        """The entry of an item that is not JSON, unless that is a 400."""
        rules, index = self._rules, self._count
        if rules.on_error == "fail" or not rules.is_separated:
            raise HTTPException(400, f"item {index + 1}: {failure.detail}")
        return [entry_of(index, "json_invalid", str(failure.detail))]

    def _failed(self, failure: Failure) -> Exception:
        item = self._count + 1
        if failure.limit is not None:
            hint = "`Items(max_item_bytes=...)`"
            text = f"item {item} {failure.reason}"
            return LimitExceeded(failure.status, "max_item_bytes", failure.limit, text, hint=hint)
        if content_codings([self._headers.get(b"content-encoding", b"")]):
            return unsupported_encoding(())
        place = "" if failure.offset is None else f", at byte {failure.offset} of the body"
        return HTTPException(failure.status, f"Malformed body: item {item}{place}: {failure.reason}")


def is_not_json(exc: ValidationError) -> bool:
    """Whether a text is not JSON, and not only a value in it."""
    error = exc.errors(include_url=False, include_context=False, include_input=False)[0]
    return error["type"] == "json_invalid" and not error["loc"]


def too_many_items(most: int) -> LimitExceeded:
    text = f"body has more than {most} items"
    return LimitExceeded(413, "max_items", most, text, hint="`Items(max_items=...)`")


def entry_of(index: int, code: str, message: str) -> ErrorEntry:
    """An entry for an item as a whole."""
    return {"in": "body", "pointer": f"/{index}", "code": code, "message": message}

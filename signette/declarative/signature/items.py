"""`Items`: the limits, the media types and the error policy of a `Stream` parameter."""

from collections.abc import Sequence
from typing import Literal, get_args

from signette._dataclasses import dataclass

OnError = Literal["fail", "skip", "collect"]
ON_ERROR: tuple[OnError, ...] = get_args(OnError)


@dataclass(frozen=True, slots=True)
class Items:
    """The options of a stream of items: `Annotated[Stream[Reading], Items(on_error="skip")]`.

    `on_error` decides what happens after an item that is not valid. With "fail" the request gets a 422. With "skip" the
    stream goes on with the next item. With "collect" it goes on, too, and ends with a 422 that lists the errors of all
    items: at the end of the body, or after `max_errors` errors (by default 100).

    A body with more than `max_items` items, with an item of more than `max_item_bytes`, or of more than `max_bytes`,
    gets a 413. Without `max_bytes`, the limit is that of other bodies of the route. `media_types` are the accepted
    ones, by default all that the type of the items allows.
    """

    on_error: OnError = "fail"
    max_errors: int | None = None
    max_items: int | None = None
    max_item_bytes: int = 1024 * 1024
    max_bytes: int | None = None
    media_types: Sequence[str] | None = None

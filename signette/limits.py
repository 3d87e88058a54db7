"""How much a request may bring. One frozen record, so that an application's bounds are read in one place."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds that an `App` holds its requests to; `None` lifts a bound.

    Give those that you change: `App(limits=Limits(json_bytes=8 * 1024 * 1024))`. A refusal names its field.
    """

    body_bytes: int | None = 16 * MIB
    json_bytes: int | None = 2 * MIB
    query_bytes: int | None = 64 * KIB
    query_params: int | None = 1000
    header_fields: int | None = 200
    header_bytes: int | None = 64 * KIB
    form_fields: int = 1000
    form_files: int = 100
    form_part_bytes: int = MIB
    form_text_bytes: int = 4 * MIB
    websocket_message_bytes: int | None = MIB
    worker_threads: int = 40

    def __post_init__(self) -> None:
        """Raises TypeError or ValueError for what bounds nothing, as a text or a number below 0."""
        for name in self.__slots__:
            said = getattr(self, name)
            if said is None:
                continue
            if isinstance(said, bool) or not isinstance(said, int):
                raise TypeError(f"`Limits({name}={said!r})`: a bound is a whole number, or None")
            if said < 0:
                raise ValueError(f"`Limits({name}={said!r})`: a bound is 0 or more, or None")


def check_limits(limits: object) -> None:
    """Refuse what is given as `limits=` and is none. Raises TypeError, which says how to write them."""
    if limits is not None and not isinstance(limits, Limits):
        raise TypeError(
            f"`limits=` takes `Limits(...)`, and was given {limits!r}; write `limits=Limits(body_bytes=...)`"
        )

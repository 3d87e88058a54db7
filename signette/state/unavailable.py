"""`StateUnavailable`: the one exception of a state engine that does not work."""


class StateUnavailable(Exception):
    """The state engine cannot be reached, did not reply in time, is full, or accepts no writes.

    Every operation of a `Store` and a `Bus` raises this exception, and no other one of the engine. The operation may
    have been carried out, if only its reply was lost. Try again later: connections are made again automatically.
    """


DEFAULT_TIMEOUT = 1.0
"""Seconds after which an operation raises StateUnavailable, unless another timeout is set."""

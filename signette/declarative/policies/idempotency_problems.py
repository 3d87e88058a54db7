"""The problems of requests with an idempotency key."""

from signette._http.idempotency_key import MAX_KEY_LENGTH
from signette.problems import Problem


class IdempotencyKeyMissing(Problem, status=400):
    """This operation requires the header `Idempotency-Key`, with a new value for each new request."""


class IdempotencyKeyMalformed(
    Problem,
    status=400,
    detail="The header `Idempotency-Key` must be sent once, as a string of 1 to {max_length} ASCII characters.",
):
    """The idempotency key is malformed."""

    max_length: int = MAX_KEY_LENGTH


class IdempotencyKeyInUse(Problem, status=409, headers={"Retry-After": "1"}):
    """The first request with this idempotency key has not completed yet. Repeat the request later."""


class IdempotencyKeyReused(Problem, status=422):
    """This idempotency key was sent before with another request. Send a new key with a new request."""


class IdempotentResponseNotStored(
    Problem,
    status=409,
    detail="A request with this idempotency key has completed with status {completed_status}, but its response was not"
    " stored.",
):
    """The first request has completed, and its response was too large to be stored."""

    completed_status: int

"""Statuses of responses: which ones a client of the old contract can get."""

from collections.abc import Mapping
from typing import Any

# Only requests with conditions or ranges get these (RFC 9110 §13 and §14).
CONDITIONAL = frozenset({"206", "304", "412", "416"})
# Only invalid requests get these. A request that was valid before is a matter of the inputs.
INVALID = frozenset({"400", "406", "411", "413", "414", "415", "417", "422", "431"})


def is_success(status: str) -> bool:
    return status[0] in "123" and status not in CONDITIONAL


def range_of(status: str, responses: Mapping[str, Any]) -> str | None:
    """The response of a contract that includes a status: `4XX`, or `default`."""
    return next((one for one in (f"{status[0]}XX", "default") if one in responses and one != status), None)


def is_specified(status: str, responses: Mapping[str, Any]) -> bool:
    """Whether a range or `default` is replaced by statuses in it."""
    return any(range_of(one, {status: None}) for one in responses)


def has_range(status: str, responses: Mapping[str, Any]) -> bool:
    return range_of(status, responses) is not None

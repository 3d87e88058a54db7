"""The option `cancel_on_disconnect=`: short for the policy `CancelOnDisconnect`, or for `Off(CancelOnDisconnect)`."""

from collections.abc import Sequence
from typing import Any

from signette.declarative.errors import options as option_errors
from signette.declarative.errors import policies as errors
from signette.declarative.policies.base import Off, Policy
from signette.declarative.policies.disconnect import CancelOnDisconnect
from signette.declarative.policies.entries import Entry, SharedPolicy, combined
from signette.declarative.signature.model import SourceLocation

_ENTRIES = (Policy, Off, SharedPolicy)


def apply_cancel_on_disconnect(options: dict[str, Any], location: SourceLocation | str) -> None:
    """Replace the option by an entry of the policies.

    Raises SignatureError for a value of another type, and for `False` with the policy at the same place.
    """
    value = options.get("cancel_on_disconnect")
    if value is None:
        return
    if not isinstance(value, bool):
        raise option_errors.wrong_option_type(location, "cancel_on_disconnect", value, "`True` or `False`")
    policies: Sequence[Entry] = options.get("policies") or ()
    if not isinstance(policies, list | tuple) or not all(isinstance(each, _ENTRIES) for each in policies):
        return  # `check_options` rejects these policies
    own = next((each for each in policies if isinstance(each, CancelOnDisconnect)), None)
    if own is not None and not value:
        raise errors.cancelled_and_not(location, own)
    del options["cancel_on_disconnect"]
    if own is None:
        entry = CancelOnDisconnect() if value else Off(CancelOnDisconnect)
        options["policies"] = list(combined(policies, (entry,)))

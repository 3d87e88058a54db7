"""Options that are short for a policy: `etag=True` for `ETag()`, `etag=False` for `Off(ETag)`, `timeout=2`."""

from collections.abc import Mapping
from typing import Any

from signette.declarative.errors import options as option_errors
from signette.declarative.errors import policies as errors
from signette.declarative.policies.base import Off, Policy
from signette.declarative.policies.deadline import Deadline
from signette.declarative.policies.disconnect import CancelOnDisconnect
from signette.declarative.policies.entries import combined, entries_in
from signette.declarative.policies.etag import ETag
from signette.declarative.signature.model import SourceLocation

_SWITCHES: Mapping[str, type[Policy]] = {"cancel_on_disconnect": CancelOnDisconnect, "etag": ETag}


def apply_policy_switches(options: dict[str, Any], location: SourceLocation | str) -> None:
    """Replace each of the options by an entry of the policies.

    Raises SignatureError for a value of another type, and for one that contradicts a policy at the same place.
    """
    for name, policy in _SWITCHES.items():
        if options.get(name) is not None:
            _apply(options, name, policy, location)
    if options.get("timeout") is not None:
        _apply_timeout(options, location)


def _apply_timeout(options: dict[str, Any], location: SourceLocation | str) -> None:
    value = options["timeout"]
    policies = entries_in(options)
    if policies is None:
        return
    own = next((each for each in policies if isinstance(each, Deadline)), None)
    if own is not None:
        raise errors.two_deadlines(location, value, own)
    try:
        deadline = Deadline(value)
    except ValueError:
        raise option_errors.wrong_option_type(location, "timeout", value, "a number of seconds above 0") from None
    deadline._option = f"timeout={value!r}"
    del options["timeout"]
    options["policies"] = list(combined(policies, (deadline,)))


def _apply(options: dict[str, Any], name: str, policy: type[Policy], location: SourceLocation | str) -> None:
    value = options[name]
    if not isinstance(value, bool):
        raise option_errors.wrong_option_type(location, name, value, "`True` or `False`")
    policies = entries_in(options)
    if policies is None:
        return
    own = next((each for each in policies if isinstance(each, policy)), None)
    if own is not None and not value:
        raise errors.contradicted_policy(location, name, own)
    del options[name]
    if own is None:
        entry = policy() if value else Off(policy)
        if isinstance(entry, Policy):
            entry._option = f"{name}=True"
        options["policies"] = list(combined(policies, (entry,)))

"""The options `deprecated=` and `sunset=`: a date is a `Deprecated` policy, and `False` removes that of a router."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from signette.declarative.errors import options as option_errors
from signette.declarative.errors import policies as errors
from signette.declarative.policies.base import Off
from signette.declarative.policies.deprecated import Deprecated
from signette.declarative.policies.entries import Entry, SharedPolicy, combined, declared, entries_in
from signette.declarative.signature.model import SourceLocation


def apply_deprecated(options: dict[str, Any], location: SourceLocation | str) -> None:
    """Replace a date in `deprecated=` or `sunset=` by a policy, and add `Off(Deprecated)` for `deprecated=False`.

    Raises SignatureError for an invalid date, and for a `Deprecated` policy at the same place.
    """
    if options.get("sunset") is not None:
        _apply_sunset(options, location)
        return
    value = options.get("deprecated")
    if value is None or value is True:
        return
    if not isinstance(value, bool | date):
        raise option_errors.wrong_option_type(location, "deprecated", value, "`True`, `False` or a `date`")
    policies = entries_in(options)
    if policies is None:
        options["deprecated"] = value is not False
        return  # `check_options` rejects these policies
    own = next((each for each in policies if isinstance(each, Deprecated)), None)
    if isinstance(value, bool):
        if own is not None and not any(_removes(each) for each in policies):
            raise errors.deprecated_and_not(location, own)
        if own is not None:  # `False` is that of a router, and the policy is further in
            del options["deprecated"]
            return
        options["policies"] = list(combined(policies, (Off(Deprecated),)))
        return
    if own is not None:
        raise errors.deprecated_twice(location, value, own)
    try:
        policy = Deprecated(value)
    except ValueError as exc:
        raise errors.invalid_deprecation(location, str(exc).replace("`since", "`deprecated")) from None
    policy._option = "deprecated=date(...)"
    # The document asks the policy, as `Off(Deprecated)` may remove it.
    del options["deprecated"]
    options["policies"] = list(combined(policies, (policy,)))


def _apply_sunset(options: dict[str, Any], location: SourceLocation | str) -> None:
    value, sunset = options.get("deprecated"), options["sunset"]
    if not isinstance(sunset, date):
        raise option_errors.wrong_option_type(location, "sunset", sunset, "a `date`")
    if not isinstance(value, bool | date | None):
        raise option_errors.wrong_option_type(location, "deprecated", value, "`True`, `False` or a `date`")
    policies = entries_in(options)
    own = next((each for each in policies or () if isinstance(each, Deprecated)), None)
    if own is not None or value is False:
        raise errors.sunset_twice(location, sunset, "`deprecated=False`" if own is None else f"the policy `{own!r}`")
    try:
        policy = Deprecated(None if isinstance(value, bool) else value, sunset=sunset)
    except ValueError as exc:
        raise errors.invalid_deprecation(location, str(exc).replace("`since", "`deprecated")) from None
    policy._option = "sunset=date(...)"
    del options["sunset"]
    if policies is not None:  # `check_options` rejects them
        options.pop("deprecated", None)
        options["policies"] = list(combined(policies, (policy,)))


def declares_deprecated(entries: Iterable[Entry]) -> bool:
    """Whether a `Deprecated` policy is among the policies of an operation or a router."""
    return any(isinstance(each, Deprecated) for each in declared(entries))


def _removes(entry: Entry) -> bool:
    """Whether it is `deprecated=False` of a router."""
    return isinstance(entry, SharedPolicy) and isinstance(entry.policy, Off) and entry.policy.policy is Deprecated

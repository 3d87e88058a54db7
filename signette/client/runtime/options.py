"""Checks of the options of clients, when a client is made."""

import math
import re
from collections.abc import Mapping
from typing import Any

from signette.client.runtime.auth import APIKey, Authorization, Basic, Bearer, OAuth2Token
from signette.client.runtime.retries import Retries

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_HEADERS = re.compile("[\r\n\0]|[^\0-\xff]")
_CREDENTIALS = (Bearer, Basic, APIKey, Authorization, OAuth2Token)


def client_options(**options: Any) -> dict[str, Any]:
    """The options of a client, checked.

    Raises:
        TypeError: an option has another type.
        ValueError: an option has a value that no request can have.
    """
    options["headers"] = _headers(options["headers"])
    _check_auth(options["auth"])
    _check_retries(options["retries"])
    _check_timeout(options["timeout"])
    return options


def changed_options(known: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a client with changes, checked. Headers are added to those that it has.

    Raises:
        TypeError: there is no such option, or it has another type.
        ValueError: an option has a value that no request can have.
    """
    unknown = changes.keys() - known.keys()
    if unknown:
        names = ", ".join(f"`{name}`" for name in known)
        raise TypeError(f"`with_options` has no option `{min(unknown)}`; its options are {names}")
    changed = client_options(**{**known, **changes})
    if "headers" in changes:
        added = changed["headers"]
        replaced = {name.lower() for name in added}
        kept = {name: text for name, text in known["headers"].items() if name.lower() not in replaced}
        changed["headers"] = kept | added
    return changed


def _headers(headers: Any) -> dict[str, str]:
    if headers is None:
        return {}
    if not isinstance(headers, Mapping):
        raise TypeError(f"`headers` is a mapping, such as {{'X-Team': 'red'}}, not of the type `{_type_of(headers)}`")
    for name, text in headers.items():
        if not isinstance(name, str) or not isinstance(text, str):
            raise TypeError(f"`headers`: the names and values are texts, and {name!r} has {text!r}")
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"`headers`: {name!r} is not the name of a header")
        if _NOT_IN_HEADERS.search(text):
            raise ValueError(f"`headers`: the value of {name!r} has a line break, or a character outside of Latin-1")
    return dict(headers)


def _check_auth(auth: Any) -> None:
    if auth is None or isinstance(auth, _CREDENTIALS):
        return
    if not isinstance(auth, Mapping):
        hint = "write `Bearer(...)` for a token" if isinstance(auth, str) else "pass `Bearer(...)`, for example"
        raise TypeError(f"`auth` is credentials, not of the type `{_type_of(auth)}`; {hint}")
    for name, each in auth.items():
        if not isinstance(each, _CREDENTIALS):
            raise TypeError(
                f"`auth`: `{name}` has no credentials, such as `Bearer(...)`, but the type `{_type_of(each)}`"
            )


def _check_retries(retries: Any) -> None:
    if retries is None or isinstance(retries, Retries):
        return
    if not isinstance(retries, int) or isinstance(retries, bool):
        raise TypeError(f"`retries` is a number of attempts, or `Retries(...)`, not of the type `{_type_of(retries)}`")
    if retries < 1:
        raise ValueError(f"`retries` is {retries}, and a request is sent at least once; pass None to send it once")


def check_reconnect(reconnect: Any) -> None:
    """Raise TypeError for what is not a `Reconnect`."""
    # Not by its class: a module without streams of events does not have it.
    if reconnect is not None and not (hasattr(reconnect, "attempts") and hasattr(reconnect, "after_end")):
        raise TypeError(
            f"`reconnect` is `Reconnect(...)`, such as `Reconnect(attempts=3)`, not of the type `{_type_of(reconnect)}`"
        )


def _check_timeout(timeout: Any) -> None:
    if timeout is None:
        return
    if not isinstance(timeout, int | float) or isinstance(timeout, bool):
        raise TypeError(f"`timeout` is a number of seconds, not of the type `{_type_of(timeout)}`")
    if not 0 < timeout < math.inf:
        raise ValueError(f"`timeout` is {timeout}, and must be a number of seconds above 0; pass None for the default")


def _type_of(value: Any) -> str:
    return type(value).__name__

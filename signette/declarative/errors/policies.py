"""Errors in policies."""

from typing import Any

from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.model import SourceLocation


def not_a_policy(location: SourceLocation | str, value: Any) -> SignatureError:
    if isinstance(value, type):
        hint = f"pass an instance: `policies=[{value.__name__}(...)]`"
        return SignatureError(
            location, f"`policies=` must be a list of policies, got the class `{value.__name__}`", hint
        )
    return SignatureError(
        location,
        f"`policies=` must be a list of policies, got `{type(value).__name__}`",
        "write `policies=[RateLimit('100/minute')]`",
    )


def conflicting_policies(location: SourceLocation | str, one: Any, other: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`{one!r}` and `{other!r}` in one list of `policies=` conflict: an operation has one policy of a class",
        "remove one of them",
    )


def policy_cannot_apply(location: SourceLocation, policy: Any, problem: str, hint: str) -> SignatureError:
    if policy._option:
        hint = hint.replace("the policy", "the option")
        return SignatureError(location, f"`{policy._option}` cannot apply: {problem}", hint)
    return SignatureError(location, f"the policy `{policy!r}` cannot apply: {problem}", hint)


def policy_reads_body(location: SourceLocation, policy: Any, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"the policy `{policy!r}` runs before the body is read, but its parameter `{name}` is read from the body",
        "read the value from a header, the query or the path",
    )


def policy_value_without_policy(location: SourceLocation, name: str, cls: type[Any]) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}: {cls.__name__}` is the value of a policy, which does not apply to this operation",
        f"declare the policy in `policies=`, or make the parameter optional: `{name}: {cls.__name__} | None = None`",
    )


def policy_value_default(location: SourceLocation, name: str, cls: type[Any]) -> SignatureError:
    return SignatureError(
        location,
        f"the default of `{name}: {cls.__name__}` must be `None`: a policy sets the value",
        f"write `{name}: {cls.__name__} | None = None`",
    )


def policy_values_of_one_name(location: SourceLocation, one: Any, other: Any) -> SignatureError:
    name = one.provides.__name__
    return SignatureError(
        location,
        f"`{type(one).__name__}` and `{type(other).__name__}` set values of two classes with the name `{name}`",
        "rename one of the classes: the values of an operation are found by the name of their class",
    )


def policies_share_name(location: SourceLocation, one: Any, other: Any, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{one!r}` and `{other!r}` are different policies that would count together, as `{name}`",
        'give one of them another name: `name="..."`',
    )


def policy_on_custom_route(location: SourceLocation, policy: Any) -> SignatureError:
    return SignatureError(
        location,
        f"the policy `{policy!r}` cannot be applied to a custom route class",
        "use a `Route` or a `Mount`, or `middleware=` in place of the policy",
    )


def policy_on_outgoing_request(location: SourceLocation, policy: Any) -> SignatureError:
    return SignatureError(
        location,
        f"the policy `{policy!r}` has no effect on a webhook or callback, which the application sends",
        "remove the policy",
    )


def invalid_deprecation(location: SourceLocation | str, problem: str) -> SignatureError:
    return SignatureError(
        location, f"invalid `deprecated=`: {problem}", "write `deprecated=date(2026, 1, 1)`, which is midnight in UTC"
    )


def deprecated_twice(location: SourceLocation | str, value: Any, policy: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`deprecated={value}` and the policy `{policy!r}` both declare the deprecation",
        "write the date in `Deprecated(...)`, and remove `deprecated=`",
    )


def sunset_twice(location: SourceLocation | str, value: Any, other: str) -> SignatureError:
    return SignatureError(
        location,
        f"`sunset={value}` and {other} contradict each other, or declare the deprecation twice",
        "write both dates in `Deprecated(...)`, or `deprecated=` and `sunset=`",
    )


def contradicted_policy(location: SourceLocation | str, option: str, policy: Any) -> SignatureError:
    return SignatureError(location, f"`{option}=False` contradicts the policy `{policy!r}`", "remove one of them")


def two_deadlines(location: SourceLocation | str, seconds: Any, policy: Any) -> SignatureError:
    return SignatureError(
        location,
        f"`timeout={seconds!r}` and the policy `{policy!r}` are two deadlines of one place",
        "remove one of them",
    )


def deprecated_and_not(location: SourceLocation | str, policy: Any) -> SignatureError:
    return SignatureError(location, f"`deprecated=False` contradicts the policy `{policy!r}`", "remove one of them")

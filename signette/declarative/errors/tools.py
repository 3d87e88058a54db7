"""Errors in the option `tool=`."""

from typing import Any

from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.model import SourceLocation


def not_a_tool(location: SourceLocation | str, value: Any, *, is_shared: bool) -> SignatureError:
    got = f"the class `{value.__name__}`" if isinstance(value, type) else f"`{value!r}`"
    if is_shared:
        problem = f"`tool=` of a router or an application must be `True` or `False`, got {got}"
        return SignatureError(location, problem, "write `tool=True`, and `Tool(...)` on the operations that need one")
    hint = f"write `tool=Tool(name={value!r})`" if isinstance(value, str) else "write `tool=True`"
    return SignatureError(location, f"`tool=` must be `True`, `False` or a `Tool(...)`, got {got}", hint)


def tool_cannot_apply(location: SourceLocation, why: str) -> SignatureError:
    return SignatureError(location, f"`tool=` has no effect: {why}", "remove the option, or declare another operation")


def unsupported_tool(location: SourceLocation, why: str) -> SignatureError:
    return SignatureError(location, f"the operation cannot be a tool: {why}", "remove `tool=`")


def same_tool_name(location: SourceLocation, name: str, other: SourceLocation) -> SignatureError:
    return SignatureError(
        location,
        f"the tool `{name}` is already that of {other}",
        f'name one of them: `tool=Tool(name="{name}_2")`',
    )

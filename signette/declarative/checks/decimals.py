"""`Body(decimal=True)` must have an effect, and none on other parameters."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.adapters.exact_json import may_keep_decimals, setting_for_json_only
from signette.declarative.adapters.validators import PydanticUserError
from signette.declarative.errors import bodies as errors
from signette.declarative.signature.model import SourceLocation


def check_decimal(name: str, annotation: Any, where: SourceLocation) -> None:
    """Raises SignatureError for a type that has no decimals, or that would be validated in another way."""
    try:
        keeps, setting = may_keep_decimals(annotation), setting_for_json_only(annotation)
    except PydanticUserError:  # an error that another check reports
        return
    if not keeps:
        raise errors.decimals_without_effect(where, name, annotation)
    if setting is not None:
        raise errors.decimals_of_strict_type(where, name, annotation, setting)


def check_decimals(members: Iterable[tuple[SourceLocation, str, Any, bool]]) -> None:
    """Check the members of one body: its numbers are read in one way.

    Raises SignatureError for a member that could have decimals, and lacks the argument that another member has.
    """
    members = list(members)
    with_option = next((name for _, name, _, is_decimal in members if is_decimal), None)
    if with_option is None:
        return
    for where, name, annotation, is_decimal in members:
        if is_decimal:
            check_decimal(name, annotation, where)
        elif may_keep_decimals(annotation):
            raise errors.decimals_of_one_member(where, name, with_option)

"""JSON bodies whose numbers arrive as they were sent: `Body(decimal=True)`.

Theory of operation. pydantic reads a number with a fraction as a float, also for a `Decimal`: 17 of its digits arrive.
So the body is parsed here, with a `Decimal` for each such number, and pydantic validates the values. Integers are exact
in both. A body that fails is validated as any other one, so that its errors are the same; what fails only as it was
sent, as by too many digits, has the errors of the values.
"""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic_core import ValidationError, from_json

from signette.declarative.adapters.validators import Check, adapter_of, check_json, fail_fast_python
from signette.declarative.core_schema.exact import json_only_setting, keeps_decimals
from signette.exceptions import HTTPException

# The largest integer that Python reads has as many digits. An exponent is short for digits that others have to write.
MOST_DIGITS = 4300


def check_json_exactly(annotation: Any) -> Check:
    """`check_json` with a `Decimal` for each number that has a fraction or an exponent."""
    check_as_usual, validate = check_json(annotation), fail_fast_python(annotation)

    def check(body: bytes) -> Any:
        try:
            value = loads_exactly(body)
        except (ValueError, RecursionError):
            check_as_usual(body)
            raise HTTPException(400, "Invalid JSON: a number is out of range") from None
        try:
            return validate(value)
        except ValidationError:
            check_as_usual(body)
            raise

    return check


def loads_exactly(body: bytes) -> Any:
    """The value of a JSON text, with exact numbers.

    Raises:
        ValueError: invalid JSON or UTF-8, or a number of more than `MOST_DIGITS` digits before or after the point.
    """
    from_json(body, allow_inf_nan=False)  # what is JSON, and how deep, is decided as for other bodies
    return json.loads(str(body, "utf-8"), parse_float=_decimal)


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("out of range") from None
    if not -MOST_DIGITS < number.adjusted() < MOST_DIGITS:
        raise ValueError("out of range")
    return number


def may_keep_decimals(annotation: Any) -> bool:
    """Whether a value of this type could contain a `Decimal`."""
    return keeps_decimals(adapter_of(annotation).core_schema)


def setting_for_json_only(annotation: Any) -> str | None:
    """The first setting of a type by which its values would be validated otherwise after they were parsed."""
    return json_only_setting(adapter_of(annotation).core_schema)

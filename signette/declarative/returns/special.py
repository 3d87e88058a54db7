"""Results that are sent or raised as they are, for any annotation: responses and errors."""

from typing import Any

from signette._frameworks import is_response
from signette.declarative.adapters.serializers import NotRendered
from signette.exceptions import HTTPException
from signette.problems import Problem
from signette.responses.plain import Response

SPECIAL = (Response, Problem, HTTPException)


def raise_if_special(value: Any) -> None:
    """Raise NotRendered for a response, also of another package, and for an error."""
    if isinstance(value, SPECIAL) or is_response(value):
        raise NotRendered

"""What the three contenders without typed endpoints (raw, Starlette, Falcon) do by hand, written once.

They share these checks and writers, so that the difference between them is the framework and nothing else.
JSON comes in through pydantic (one pass from bytes). Models go out through pydantic's own serializer, which is right
for every model; plain values through orjson.
"""

from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from benchmarks.models import Login, User

Errors = list[dict[str, Any]]

dumps = orjson.dumps
check_user = TypeAdapter(User).validator.validate_json
check_users = TypeAdapter(list[User]).validator.validate_json
write_user = TypeAdapter(User).dump_json
write_users = TypeAdapter(list[User]).dump_json
check_login = TypeAdapter(Login).validator.validate_python

LEAST, GREATEST = -(2**63), 2**63 - 1  # what JSON by orjson can carry
SORTS = frozenset(("name", "-name", "age", "-age"))
TRUE = frozenset(("1", "true", "on", "yes", "t", "y"))
FALSE = frozenset(("0", "false", "off", "no", "f", "n"))


def fault(place: str, name: str, code: str, message: str) -> dict[str, Any]:
    return {"in": place, "name": name, "code": code, "message": message}


def check_int(place: str, name: str, raw: str, errors: Errors, low: int = LEAST, high: int = GREATEST) -> int:
    try:
        value = int(raw)
    except ValueError:
        errors.append(fault(place, name, "int_parsing", "Input should be a valid integer"))
        return 0
    if low <= value <= high:
        return value
    code, words = ("greater_than_equal", "greater") if value < low else ("less_than_equal", "less")
    message = f"Input should be {words} than or equal to {low if value < low else high}"
    errors.append(fault(place, name, code, message))
    return value


def check_bool(place: str, name: str, raw: str, errors: Errors) -> bool:
    raw = raw.lower()
    if raw in TRUE:
        return True
    if raw not in FALSE:
        errors.append(fault(place, name, "bool_parsing", "Input should be a valid boolean"))
    return False


def check_sort(raw: str, errors: Errors) -> str:
    if raw not in SORTS:
        errors.append(fault("query", "sort", "literal_error", "Input should be 'name', '-name', 'age' or '-age'"))
    return raw


def require(place: str, name: str, raw: str | None, errors: Errors) -> str:
    if raw is None:
        errors.append(fault(place, name, "missing", "Field required"))
        return ""
    return raw


def problem(status: int, title: str, errors: Errors | None = None) -> bytes:
    """The body of an error response (RFC 9457)."""
    value: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if errors:
        value["detail"] = f"request validation failed: {len(errors)} error{'s' if len(errors) != 1 else ''}"
        value["errors"] = errors
    return dumps(value)


def invalid(errors: Errors) -> bytes:
    return problem(422, "Unprocessable Content", errors)


def invalid_body(error: ValidationError, place: str) -> bytes:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return invalid(
        [
            {
                "in": place,
                "pointer": "".join(f"/{part}" for part in item["loc"]),
                "code": item["type"],
                "message": item["msg"],
            }
            for item in found
        ]
    )


async def read_settings() -> dict[str, Any]:
    return {"region": "eu", "quota": 100}


async def read_user(token: str, settings: dict[str, Any]) -> str:
    return f"{token}@{settings['region']}"


async def read_quota(settings: dict[str, Any]) -> int:
    return settings["quota"] * 2

"""Error responses in FastAPI's format, for clients that read `detail`."""

from collections.abc import Collection, Mapping, Sequence
from functools import wraps
from typing import Any

from signette.concurrency import is_async_callable
from signette.declarative.adapters.error_entries import context_without_input, message_in_python
from signette.declarative.adapters.jsonable import jsonable_encoder
from signette.declarative.problems.format import PreparedProblem, ProblemFormat
from signette.error_entries import DetailedEntry
from signette.exceptions import HTTPException, RequestValidationError, ResponseValidationError, phrase_of
from signette.problems import MAX_ERROR_BYTES, MAX_ERRORS, MAX_NAME_LENGTH, Problem
from signette.responses.plain import PlainTextResponse, Response

# Where FastAPI has another code: its code, message and context.
_OTHERS: Mapping[str, Mapping[str, Any]] = {
    "model_type": {
        "type": "model_attributes_type",
        "msg": "Input should be a valid dictionary or object to extract fields from",
    },
    "file_type": {
        "type": "value_error",
        "msg": "Value error, Expected UploadFile, received: <class 'str'>",
        "ctx": {"error": {}},
    },
}

_ENTRY_SCHEMA: Mapping[str, Any] = {
    "properties": {
        "loc": {
            "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            "type": "array",
            "title": "Location",
        },
        "msg": {"type": "string", "title": "Message"},
        "type": {"type": "string", "title": "Error Type"},
        "input": {"title": "Input"},
        "ctx": {"type": "object", "title": "Context"},
    },
    "type": "object",
    "required": ["loc", "msg", "type"],
    "title": "ValidationError",
}
_VALIDATION_SCHEMA: Mapping[str, Any] = {
    "properties": {"detail": {"items": {"$ref": "#/$defs/ValidationError"}, "type": "array", "title": "Detail"}},
    "type": "object",
    "title": "HTTPValidationError",
    "$defs": {"ValidationError": _ENTRY_SCHEMA},
}
_DETAIL_SCHEMA: Mapping[str, Any] = {"type": "object", "required": ["detail"], "properties": {"detail": {}}}


class FastAPIErrors(ProblemFormat):
    """Error responses as FastAPI has them: `App(errors=FastAPIErrors())`.

    A 422 is `{"detail": [{"type", "loc", "msg", "ctx"}]}`, an `HTTPException` `{"detail": detail}` with any JSON, and
    an error of the application a 500 as plain text. The OpenAPI document follows. Invalid values are sent back only
    with `include_input=True`: they may be passwords.
    """

    media_type = "application/json"
    needs_details = True

    def __init__(self, *, include_input: bool = False) -> None:
        self.include_input = include_input

    def errors(self, exc: RequestValidationError | ResponseValidationError) -> list[dict[str, Any]]:
        """The validation errors with FastAPI's keys. Handlers of an `App` of this format get them by `exc.errors()`."""
        cls: Any = type(exc)  # its method, as that of the exception may give these entries already
        return [self._entry(entry) for entry in cls.errors(exc)[:MAX_ERRORS]]

    def body(self, exc: Exception) -> Mapping[str, Any]:
        if isinstance(exc, RequestValidationError):
            return {"detail": self.errors(exc)}
        if isinstance(exc, Problem):
            return {"detail": exc.detail} | {name: getattr(exc, name) for name in exc.members}
        if isinstance(exc, HTTPException):
            return {"detail": jsonable_encoder(exc.detail)}
        return {"detail": phrase_of(500)}

    def respond(self, exc: Exception) -> Response:
        if isinstance(exc, RequestValidationError):
            return PreparedProblem(_shortened(self.body(exc)), exc.status_code, exc.headers, self.media_type)
        if isinstance(exc, HTTPException | Problem):
            return super().respond(exc)
        return PlainTextResponse(phrase_of(500), 500)

    def adapted(self, handler: Any) -> Any:
        """A handler that gets FastAPI's entries by `exc.errors()`."""
        if is_async_callable(handler):

            @wraps(handler)
            async def handle(connection: Any, exc: Exception) -> Any:
                return await handler(connection, self._with_entries(exc))

            return handle

        @wraps(handler)
        def handle_in_thread(connection: Any, exc: Exception) -> Any:
            return handler(connection, self._with_entries(exc))

        return handle_in_thread

    def _with_entries(self, exc: Exception) -> Exception:
        if isinstance(exc, RequestValidationError | ResponseValidationError):
            entries = self.errors(exc)
            vars(exc)["errors"] = lambda: entries
        return exc

    def schema(self, status: int, problem: type[Problem] | None = None) -> Mapping[str, Any]:
        if problem is not None:
            full = super().schema(status, problem)
            members = {name: full["properties"][name] for name in ("detail", *problem.members)}
            return {**full, "properties": members, "required": list(members)}
        return _VALIDATION_SCHEMA if status == 422 else _DETAIL_SCHEMA

    def documented_errors(
        self,
        statuses: Collection[int],  # noqa: ARG002 - FastAPI documents none of the others
        *,
        reads_values: bool,
        declared: Collection[str],
    ) -> Mapping[int, str]:
        is_declared = not {"422", "4XX", "default"}.isdisjoint(declared)
        return {422: "Validation Error"} if reads_values and not is_declared else {}

    def _entry(self, entry: Any) -> dict[str, Any]:
        if not isinstance(entry, DetailedEntry):
            found: dict[str, Any] = {"type": entry["code"], "loc": _location_of(entry), "msg": entry["message"]}
            return found | ({"input": None} if self.include_input else {})
        error = entry.error
        steps = _steps(error["loc"])
        loc = ("body", *steps[1:]) if steps[:1] == ("form",) else steps
        found = {"type": entry["code"], "loc": loc, "msg": entry["message"]}
        if self.include_input:
            found["input"] = _jsonable(error.get("input"))
        if entry["code"] in _OTHERS:
            return {**found, **_OTHERS[entry["code"]]}
        if self.include_input or error.get("msg") == entry["message"]:  # otherwise it echoed a part of the value
            found["msg"] = message_in_python(error)
        context = error.get("ctx") if self.include_input else context_without_input(error)
        return found | ({"ctx": _jsonable(context)} if context else {})


def _jsonable(value: Any) -> Any:
    """A value that was sent, as JSON; None if it has none, such as the bytes of a picture."""
    try:
        return jsonable_encoder(value)
    except (TypeError, ValueError, RecursionError):
        return None


def _steps(loc: Any) -> tuple[Any, ...]:
    return (loc,) if isinstance(loc, str | int) else tuple(loc)


def _location_of(entry: Mapping[str, str]) -> tuple[str | int, ...]:
    """The location of an entry that has only a pointer. Steps of digits are taken for positions in lists."""
    source = "body" if entry["in"] == "form" else entry["in"]
    texts = [step.replace("~1", "/").replace("~0", "~") for step in entry.get("pointer", "").split("/")[1:]]
    steps = [int(step) if step.isascii() and step.isdigit() else step for step in texts]
    return (source, *([entry["name"]] if "name" in entry else []), *steps)


def _shortened(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A body with at most as many entries as fit into one response, and with short names in their locations."""
    entries: Sequence[Mapping[str, Any]] = body["detail"]
    if len(str(entries)) <= MAX_ERROR_BYTES // 6:  # a character has at most six bytes in JSON
        return body
    entries = [
        {**{key: value for key, value in entry.items() if key not in ("input", "ctx")}, "loc": _short(entry["loc"])}
        for entry in entries
    ]
    while len(entries) > 1 and len(str(entries)) > MAX_ERROR_BYTES // 6:
        entries = entries[: len(entries) // 2]
    return {**body, "detail": entries}


def _short(loc: Sequence[Any]) -> list[Any]:
    return [
        f"{step[:MAX_NAME_LENGTH]}..." if isinstance(step, str) and len(step) > MAX_NAME_LENGTH else step
        for step in loc
    ]

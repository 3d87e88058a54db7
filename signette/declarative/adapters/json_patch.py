"""`JSONPatch[User]`: a JSON Patch (RFC 6902) for values of a type. Needs the extra `json-patch`.

Theory of operation. The operations are validated when the request is read, as far as the type decides. `apply` opens
the value as a document of dictionaries and lists (`patch_document`), runs one operation after the other on it, and
validates the result as a whole. An operation that does not fit the value is a conflict, and no operation has an effect.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, PydanticUserError, ValidationError
from pydantic_core import core_schema

from signette.declarative.adapters.error_entries import body_errors
from signette.declarative.adapters.frozen import frozen_error, frozen_members
from signette.declarative.adapters.patch import check_patched, patched_type
from signette.declarative.adapters.patch_document import (
    Items,
    Leaf,
    Members,
    Node,
    NotThere,
    closed,
    is_equal,
    opened,
    reach,
    received,
    value_at,
    values_in,
)
from signette.declarative.adapters.patch_members import tokens_of
from signette.declarative.adapters.patch_operations import (
    MAX_OPERATIONS,
    MEMBERS,
    Operation,
    check_operations,
    operations_schema,
)
from signette.declarative.adapters.validators import adapter_of, check_object
from signette.error_entries import pointer_of
from signette.exceptions import ErrorEntry, HTTPException, RequestValidationError

__all__ = ["MAX_COPIED", "JSONPatch", "operations_of"]

T = TypeVar("T")
MAX_COPIED = 10_000
"""The most values that the `copy` operations of a patch may make: each may double a document."""


class JSONPatch(Generic[T]):
    """The body of a request that changes a part of a value by operations: `patch: JSONPatch[User]` (RFC 6902).

    Clients send `[{"op": "replace", "path": "/email", "value": "a@b.c"}]` as `application/json-patch+json`. The other
    operations are `add`, `remove`, `move`, `copy` and `test`.

    Raises:
        ImportError: the extra `json-patch` is not installed. Raised when the route is made.
    """

    __slots__ = ("_type", "document")

    document: list[Operation]
    """The operations, in order."""

    def __init__(self, annotation: Any, document: list[Operation]) -> None:
        self._type = annotation
        self.document = document

    def apply(self, value: T) -> T:
        """Return a changed copy of the value, which is validated as a whole. The value itself is not changed.

        Raises:
            HTTPException: 409: a `test` failed, or the value has nothing at a pointer.
            RequestValidationError: the changed value is not valid. The errors point into the patch.
            TypeError: the value has another type.
        """
        check_patched("JSONPatch", self._type, value)

        @lru_cache(1)
        def shown() -> Any:
            return adapter_of(self._type).dump_python(value, mode="json", warnings=False)

        run = _Run(self.document, opened(Leaf(value, self._type, shown)))
        for index in range(len(self.document)):
            run.operation(index)
        made = closed(run.root)
        try:
            patched: T = check_object(self._type)(made)
        except ValidationError as exc:
            found = body_errors(exc, made)
            entries = [{**each, "pointer": run.origin_of(each.get("pointer", "")) or ""} for each in found]
            raise RequestValidationError(entries, body=self.document) from None
        changed = frozen_members(self._type, value, patched)
        frozen = [run.origin_of(pointer_of([names[0] for names in steps])) for steps in changed]
        if any(frozen):
            raise RequestValidationError([frozen_error(each) for each in frozen if each], body=self.document)
        return patched

    def __len__(self) -> int:
        return len(self.document)

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.document)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JSONPatch) and (self._type, self.document) == (other._type, other.document)

    __hash__ = None  # type: ignore[assignment]  # as it contains a list

    def __repr__(self) -> str:
        return f"JSONPatch({self.document!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        if handler.field_name is not None:
            raise PydanticUserError("a `JSONPatch` is a whole request body, and cannot be a field", code=None)
        _library()
        annotation = patched_type(source)

        def made(document: list[Operation]) -> "JSONPatch[Any]":
            check_operations(annotation, document)
            return cls(annotation, document)

        def json_schema(_: Any, of: GetJsonSchemaHandler) -> dict[str, Any]:  # noqa: ARG001 - the protocol of pydantic
            name = getattr(annotation, "__name__", "")
            return {"title": f"{name}JSONPatch", "description": "A JSON Patch (RFC 6902).", **SCHEMA}

        received_ = core_schema.no_info_after_validator_function(made, operations_schema())
        return core_schema.json_or_python_schema(
            received_,
            core_schema.union_schema([core_schema.is_instance_schema(cls), received_]),  # results are patches
            metadata={"pydantic_js_functions": [json_schema]},
            serialization=core_schema.plain_serializer_function_ser_schema(
                operations_of, return_schema=core_schema.list_schema()
            ),
        )


def operations_of(patch: JSONPatch[Any]) -> list[Operation]:
    """The JSON of a patch."""
    return patch.document


_POINTER = {"type": "string", "format": "json-pointer"}
_MEMBER_SCHEMAS: dict[str, Any] = {"path": _POINTER, "from": _POINTER, "value": {}}
SCHEMA: dict[str, Any] = {
    "type": "array",
    "maxItems": MAX_OPERATIONS,
    "items": {
        "oneOf": [
            {
                "type": "object",
                "properties": {"op": {"const": op}} | {name: _MEMBER_SCHEMAS[name] for name in names},
                "required": ["op", *names],
            }
            for op, names in MEMBERS.items()
        ]
    },
}


class _Run:
    """Operations that are run on a document."""

    def __init__(self, operations: Sequence[Operation], root: Node) -> None:
        self.root = root
        self._operations = operations
        self._copied = 0

    def operation(self, index: int) -> None:
        """Run an operation. Raises HTTPException 409 if the document does not have what it names."""
        operation = self._operations[index]
        op, path = operation["op"], tokens_of(operation["path"]) or ()
        changed = dict(operation)
        if "from" in operation:
            source = self._reach(index, "from", tokens_of(operation["from"]) or (), exists=True)
            changed["from"] = pointer_of(source)
            if op == "copy":
                self._count(index, source)
        path = self._reach(index, "path", path, exists=op in ("remove", "replace", "test"))
        if op == "test":
            if not is_equal(value_at(self.root, path), operation["value"]):
                raise _conflict(index, "value", "test_failed", "The value is another one")
            return
        changed["path"] = pointer_of(path)
        if "value" in operation:
            changed["value"] = received(operation["value"], (index, "value"))
        library = _library()
        try:
            self.root = library.JsonPatch([changed]).apply(self.root, in_place=True)
        except (library.JsonPatchException, library.JsonPointerException):
            raise _nothing_there(index, "path") from None

    def _reach(self, index: int, name: str, tokens: tuple[str, ...], *, exists: bool) -> tuple[str, ...]:
        try:
            return reach(self.root, tokens, exists=exists)
        except NotThere:
            raise _nothing_there(index, name) from None

    def _count(self, index: int, source: tuple[str, ...]) -> None:
        self._copied += values_in(value_at(self.root, source))
        if self._copied > MAX_COPIED:
            message = f"The patch copies more than {MAX_COPIED} values"
            entry: ErrorEntry = {"in": "body", "pointer": pointer_of((index,)), "code": "too_long", "message": message}
            raise RequestValidationError([entry], body=self._operations)

    def origin_of(self, pointer: str) -> str | None:
        """What in the patch has made the value at a pointer of the document; None if nothing has."""
        tokens = tokens_of(pointer) or ()
        node, origin = self.root, getattr(self.root, "origin", ())
        for token in tokens:
            inner = _inner(node, token)
            origin = (
                inner.origin or ((*origin, token) if origin else ()) if inner is not None else _below(origin, token)
            )
            node = inner if inner is not None else Leaf(None)
        if origin:
            return pointer_of(origin)
        for index, operation in reversed(list(enumerate(self._operations))):
            names = ("path",) if operation["op"] == "copy" else ("from", "path")
            for name in names if operation["op"] != "test" else ():
                changed = tokens_of(operation.get(name, "/~")) if name in operation else None
                if changed is not None and changed == tokens[: len(changed)]:
                    return pointer_of((index, name))
        return None


def _inner(node: Node, token: str) -> Node | None:
    if isinstance(node, Members):
        return node.get(node.names.get(token, token))
    if isinstance(node, Items) and token.isdigit() and int(token) < len(node):
        found: Node = node[int(token)]
        return found
    return None


def _below(origin: tuple[str | int, ...], token: str) -> tuple[str | int, ...]:
    return (*origin, token) if origin else ()


def _nothing_there(index: int, name: str) -> HTTPException:
    return _conflict(index, name, "nothing_there", "There is no value at this pointer")


def _conflict(index: int, name: str, code: str, message: str) -> HTTPException:
    """409, as RFC 5789 section 2.2 has it for a patch that does not fit the state of the resource."""
    entry = {"in": "body", "pointer": pointer_of((index, name)), "code": code, "message": message}
    return HTTPException(409, {"detail": "the patch does not fit the current state", "errors": [entry]})


def _library() -> Any:
    try:
        import jsonpatch  # noqa: PLC0415 - an extra: only this type needs it
    except ImportError as exc:
        raise ImportError(
            "`JSONPatch` requires jsonpatch. Install it with `pip install 'signette[json-patch]'`."
        ) from exc
    return jsonpatch

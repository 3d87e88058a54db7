"""Arguments -> requests: each argument is written where its source is read.

Theory of operation. There are two steps. The first makes the JSON value of each argument, by its type. The second
writes JSON values as the texts of the path, the query, headers, cookies and forms, and as the body; it needs no types,
so what has JSON values already, such as a tool call of an agent, begins with it. What has no form in a request is an
`ArgumentError` that names the argument, and is never left out silently: `None` where the default is another value, an
empty list in a query, a comma in an item of a list that is separated by commas.
"""

import json
from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json, to_jsonable_python

from signette.client.runtime.errors import ArgumentError
from signette.client.runtime.packing import MESSAGE_PACK_TYPES, packed
from signette.client.runtime.schemas import RequestType, Unwritable, plain_json
from signette.client.runtime.spec import UNSET, BodyKind, BodySpec, InputSpec, NameSpec, OperationSpec
from signette.client.runtime.texts import (
    PARAMETER,
    TextPairs,
    ValuePath,
    cookie_text,
    header_text,
    host_text,
    is_in,
    new_pairs,
    pairs_of,
    query_of,
    segment_of,
    template_parts,
    text_of_json,
    value_at,
)
from signette.client.runtime.transport import Pairs, Sent

JSON_PATCH_TYPE = "application/json-patch+json"
URLENCODED_FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class JsonArgument:
    """The JSON value of an argument, and the part of it that differs from the defaults of its fields."""

    value: Any
    others: Any
    files: Mapping[str, Any] | None = None
    """Of a model with files: these, by the names of the request."""


class RequestEncoder:
    """Writes the requests of an operation. It is made once for each operation."""

    def __init__(self, operation: OperationSpec, writers: Mapping[BodyKind, Any] | None = None) -> None:
        self.operation = operation
        self._writers = writers or {}
        self.inputs = {each.argument: each for each in operation.arguments}
        self._types: dict[str, RequestType] = {}
        self._template = template_parts(operation)
        self._places = [each for each in operation.inputs if each.place not in ("path", "host")]
        self._hosts = [each for each in operation.inputs if each.place == "host"]
        self._required = [each.argument for each in self.inputs.values() if each.required]
        self._defaults: dict[str, Any] = {}

    def encode(self, arguments: Mapping[str, Any]) -> Sent:
        """The request of a call with these arguments, which are Python values.

        Raises ArgumentError.
        """
        return self.write(self.json_arguments(arguments))

    def encode_json(self, arguments: Mapping[str, Any]) -> Sent:
        """The request of a call with these arguments, which are JSON values with the names of JSON.

        Raises ArgumentError.
        """
        self._check_names(arguments)
        return self.write({name: JsonArgument(value, value) for name, value in arguments.items()})

    def json_arguments(self, arguments: Mapping[str, Any]) -> dict[str, JsonArgument]:
        """The first step: the JSON value of each argument. Files and streams stay as they are.

        Raises ArgumentError.
        """
        self._check_names(arguments)
        return {name: self._json_argument(self.inputs[name], value) for name, value in arguments.items()}

    def write(self, arguments: Mapping[str, JsonArgument]) -> Sent:
        """The second step: the request.

        Raises ArgumentError.
        """
        headers: Pairs = []
        query: TextPairs = []
        cookies: TextPairs = []
        for each in self._places:
            if each.argument in arguments:
                self._write_place(each, arguments[each.argument], query, headers, cookies)
        if cookies:
            headers.append(("cookie", "; ".join(f"{name}={text}" for name, text in cookies)))
        url = self._path_of(arguments)
        if query:
            url = f"{url}?{query_of(query)}"
        sent = Sent(self.operation.method, url, headers)
        if self.operation.body is not None:
            self._write_body(self.operation.body, arguments, sent)
        if self.operation.accept:
            put_header(sent, "accept", self.operation.accept)
        if self.operation.host:
            put_header(sent, "host", self._host_of(arguments))
        return sent

    # -- arguments -----------------------------------------------------------------------------------------------------

    def _check_names(self, arguments: Mapping[str, Any]) -> None:
        if not arguments.keys() <= self.inputs.keys():
            unknown = next(name for name in arguments if name not in self.inputs)
            known = ", ".join(f"`{name}`" for name in self.inputs) or "none"
            raise ArgumentError(self.operation.name, unknown, f"is unknown; the operation has {known}")
        for name in self._required:
            if name not in arguments:
                raise ArgumentError(self.operation.name, name, "is missing")

    def _json_argument(self, spec: InputSpec, value: Any) -> JsonArgument:
        try:
            return self._with_type(spec, value)
        except Unwritable as exc:
            raise self.error_of(spec, exc) from exc.__cause__

    def _with_type(self, spec: InputSpec, value: Any) -> JsonArgument:
        body = self.operation.body
        if spec.place == "body" and body is not None and body.kind in ("bytes", "items", "parts"):
            return JsonArgument(value, value)
        if spec.place == "body" and body is not None and body.kind == "patch":
            patch = self._patch_of(spec, value)
            return JsonArgument(patch, patch)
        files = [each for each in spec.names if each.style == "file"]
        if files and not spec.is_model:
            return JsonArgument(value, value)
        if files:
            return model_with_files(spec, value)
        if value is None and not spec.required:
            return JsonArgument(None, None)
        found = self._type_of(spec)
        if found.init_only:
            if not isinstance(value, Mapping):
                raise Unwritable(f"has the field `{found.init_only}`, which only `__init__` has; pass a dictionary")
            plain = plain_json(value)
            return JsonArgument(plain, plain)
        return JsonArgument(*found.json_and_others(value))

    def _type_of(self, spec: InputSpec) -> RequestType:
        found = self._types.get(spec.argument)
        if found is None:
            found = self._types[spec.argument] = RequestType(spec.type)
        return found

    def _patch_of(self, spec: InputSpec, value: Any) -> Any:
        """The document of a patch: a mapping, the set fields of a model, a list of operations, or that of a `Patch`."""
        document = getattr(value, "document", value)
        if isinstance(document, Mapping | list):
            return plain_json(document)
        if document is None and not spec.required:
            return None
        return self._type_of(spec).set_fields(document)

    def error_of(self, spec: InputSpec, exc: Exception) -> ArgumentError:
        """The error of an argument."""
        reason = str(exc)
        if not reason.startswith(("is ", "has ", "cannot ")):
            reason = f"is not valid: {reason}"
        return ArgumentError(self.operation.name, spec.argument, reason)

    # -- the path, the query, headers and cookies ----------------------------------------------------------------------

    def _path_of(self, arguments: Mapping[str, JsonArgument]) -> str:
        parts = []
        for text, name in self._template:
            parts.append(text)
            if name is not None:
                spec = name[0]
                try:
                    parts.append(segment_of(name[1], arguments[spec.argument].value))
                except Unwritable as exc:
                    raise self.error_of(spec, exc) from exc.__cause__
        return "".join(parts)

    def _host_of(self, arguments: Mapping[str, JsonArgument]) -> str:
        texts: dict[str, str] = {}
        for spec in self._hosts:
            try:
                texts[spec.names[0].name] = host_text(text_of_json(arguments[spec.argument].value))
            except Unwritable as exc:
                raise self.error_of(spec, exc) from exc.__cause__
        return PARAMETER.sub(lambda found: texts.get(found[1], found[0]), self.operation.host)

    def _write_place(
        self, spec: InputSpec, argument: JsonArgument, query: TextPairs, headers: Pairs, cookies: TextPairs
    ) -> None:
        try:
            pairs = self._pairs(spec, argument)
            if spec.place == "query":
                query += new_pairs(query, pairs)
            elif spec.place == "header":
                headers += new_pairs(headers, [(name, header_text(text)) for name, text in pairs])
            else:
                cookies += new_pairs(cookies, [(name, cookie_text(text)) for name, text in pairs])
        except Unwritable as exc:
            raise self.error_of(spec, exc) from exc.__cause__

    def _pairs(self, spec: InputSpec, argument: JsonArgument) -> TextPairs:
        """The names and texts of an argument.

        Raises Unwritable for what has no text, unless it is the default.
        """
        pairs: TextPairs = []
        for name, value in values_by_name(spec, argument.value):
            pairs += self.pairs_of_name(spec, argument, name, value)
        return pairs

    def pairs_of_name(self, spec: InputSpec, argument: JsonArgument, name: NameSpec, value: Any) -> TextPairs:
        """The names and texts of the part of an argument that a name holds.

        Raises Unwritable for what has no text, unless it is the default.
        """
        found, unsent = pairs_of(name, value)
        for path in unsent:
            self._check_unsent(spec, argument, path)
        return found

    def _check_unsent(self, spec: InputSpec, argument: JsonArgument, path: ValuePath) -> None:
        """Raise Unwritable for a value that is not sent, unless the application has it as the default."""
        if spec.is_model or path:
            is_default = not is_in(argument.others, path)
        else:
            has_no_default = spec.default is UNSET and argument.value is None
            is_default = not spec.required and (has_no_default or argument.value == self._default_of(spec))
        if is_default:
            return
        found = value_at(argument.value, path)
        what = "`None`" if found is None else "an empty text" if found == "" else "empty"
        where = f" in `{'.'.join(map(str, path))}`" if path else ""
        raise Unwritable(f"is {what}{where}, which cannot be sent in the {spec.place}")

    def _default_of(self, spec: InputSpec) -> Any:
        if spec.argument not in self._defaults:
            default = spec.default
            self._defaults[spec.argument] = (
                default if default is None or default is UNSET else self._type_of(spec).json_of(default)
            )
        return self._defaults[spec.argument]

    # -- the body ------------------------------------------------------------------------------------------------------

    def _write_body(self, body: BodySpec, arguments: Mapping[str, JsonArgument], sent: Sent) -> None:
        given = {each.argument: arguments[each.argument] for each in body.inputs if each.argument in arguments}
        try:
            if body.kind in ("json", "patch", "content"):
                self._write_whole(body, given, sent)
            elif body.kind == "members":
                put_body(sent, body.media_types[0], self._members(body, given))
            elif body.kind == "form":
                put_body(sent, body.media_types[0], query_of(self._form_pairs(body, given)).encode("ascii"))
            elif body.kind == "bytes":
                self._write_bytes(body, given, sent)
            elif body.kind in self._writers:
                self._writers[body.kind](self, body, given, sent)
            elif given:
                raise self.error_of(body.inputs[0], Unwritable(f"cannot be sent: the client writes no `{body.kind}`"))
        except Unwritable as exc:
            raise self.error_of(body.inputs[0], exc) from exc.__cause__

    def _members(self, body: BodySpec, given: Mapping[str, JsonArgument]) -> bytes:
        members = []
        for each in body.inputs:
            if each.argument in given and not is_left_out(each, given[each.argument]):
                try:
                    text = json_bytes(given[each.argument].value)
                except Unwritable as exc:
                    raise self.error_of(each, exc) from exc.__cause__
                members.append(json_bytes(each.names[0].name) + b":" + text)
        return b"{" + b",".join(members) + b"}"

    def _write_whole(self, body: BodySpec, given: Mapping[str, JsonArgument], sent: Sent) -> None:
        (spec,) = body.inputs
        argument = given.get(spec.argument)
        if argument is None or is_left_out(spec, argument):
            return
        media_type = patch_type(body, argument.value) if body.kind == "patch" else body.media_types[0]
        if media_type == URLENCODED_FORM:
            put_body(sent, media_type, query_of(self._form_pairs(body, given)).encode("ascii"))
        elif media_type in MESSAGE_PACK_TYPES:
            put_body(sent, media_type, packed(argument.value))
        else:
            put_body(sent, media_type, json_bytes(argument.value))

    def _write_bytes(self, body: BodySpec, given: Mapping[str, JsonArgument], sent: Sent) -> None:
        (spec,) = body.inputs
        content = given[spec.argument].value if spec.argument in given else None
        if content is None:
            return
        if isinstance(content, str):
            content = content.encode()
        if isinstance(content, bytearray | memoryview):
            content = bytes(content)
        if not isinstance(content, bytes | AsyncIterable | Iterable):
            raise Unwritable(f"is not bytes: it is of the type `{type(content).__name__}`")
        if content == b"" and spec.required:
            raise Unwritable("is empty, which counts as not sent")
        put_body(sent, body.media_types[0], content)

    def _form_pairs(self, body: BodySpec, given: Mapping[str, JsonArgument]) -> TextPairs:
        pairs: TextPairs = []
        for each in body.inputs:
            if each.argument in given:
                try:
                    pairs += new_pairs(pairs, self._pairs(each, given[each.argument]))
                except Unwritable as exc:
                    raise self.error_of(each, exc) from exc.__cause__
        return pairs


# -- without an operation ----------------------------------------------------------------------------------------------


def values_by_name(spec: InputSpec, value: Any) -> Iterable[tuple[NameSpec, Any]]:
    """The names of an argument, each with the part of the JSON value that it holds."""
    if not spec.is_model:
        return [(name, value) for name in spec.names]
    if value is None:
        return []
    if not isinstance(value, Mapping):
        raise Unwritable("is not an object")
    known = {name.member for name in spec.names}
    found = [(name, value[name.member]) for name in spec.names if name.member in value and name.style != "file"]
    # What a model with `extra="allow"` keeps.
    return [*found, *((NameSpec(key, "list", member=key), each) for key, each in value.items() if key not in known)]


def model_with_files(spec: InputSpec, value: Any) -> JsonArgument:
    """A model with files: a mapping, or an object, whose files are not JSON."""
    files = {each.name: each for each in spec.names if each.style == "file"}
    if value is None:
        return JsonArgument(None, None)
    if isinstance(value, Mapping):
        held = {
            name: value[key] for name, each in files.items() for key in (each.member, each.attribute) if key in value
        }
        keys = {key for each in files.values() for key in (each.member, each.attribute)}
        rest = plain_json({key: each for key, each in value.items() if key not in keys})
        return JsonArgument(rest, rest, held)
    held = {name: getattr(value, each.attribute, None) for name, each in files.items()}
    try:
        rest = to_jsonable_python(value, by_alias=True, serialize_unknown=True)
    except (ValueError, TypeError) as exc:
        raise Unwritable(str(exc)) from exc
    keys = {each.member for each in files.values()} | {each.attribute for each in files.values()}
    rest = {key: each for key, each in rest.items() if key not in keys}
    return JsonArgument(rest, rest, held)


def patch_type(body: BodySpec, document: Any) -> str:
    """The media type of a patch: a JSON Patch is a list of operations (RFC 6902), a merge patch an object (RFC 7396).

    Raises Unwritable for a kind that the operation does not take.
    """
    is_list = isinstance(document, list)
    found = next((each for each in body.media_types if (each == JSON_PATCH_TYPE) is is_list), None)
    if found is None:
        kind = "a list of operations" if is_list else "an object"
        raise Unwritable(f"is {kind}, and the operation takes {' or '.join(body.media_types)}")
    return found


def is_left_out(spec: InputSpec, argument: JsonArgument) -> bool:
    """Whether an argument of JSON is not sent: it is `None`, which is the default."""
    return argument.value is None and not spec.required and spec.default is None


def json_bytes(value: Any) -> bytes:
    """The JSON text of a JSON value.

    Raises Unwritable for NaN, infinities and text that is not valid Unicode.
    """
    try:
        found = to_json(value, inf_nan_mode="constants")
        if b"NaN" in found or b"Infinity" in found:
            json.dumps(value, allow_nan=False)
    except (ValueError, TypeError) as exc:
        raise Unwritable(f"has no JSON text: {exc}") from None
    return found


def put_body(sent: Sent, media_type: str, body: Any) -> None:
    """Set the body of a request, and its media type."""
    put_header(sent, "content-type", media_type)
    sent.body = body


def put_header(sent: Sent, name: str, text: str) -> None:
    """Set a header, unless an argument of the call has."""
    if all(known != name for known, _ in sent.headers):
        sent.headers.append((name, text))

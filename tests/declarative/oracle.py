"""An interpreter of plans, slow and plain: what a binder must do, said a second time and in another way.

It walks the steps one by one and decides everything when it gets there. Values come out of a `Request` and not out of
the rows' templates, every value is checked, nothing is taken
unchecked, and the entries of a rejection are put together here. So what the binder saves, prints or shares is compared
with what it means.
"""

import hashlib
import inspect
import json
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, get_args, get_origin

import ormsgpack
from pydantic import TypeAdapter, ValidationError

from signette.background import BackgroundTasks
from signette.conditional import Conditional, PreconditionRequired
from signette.datastructures.multidict import FormData
from signette.datastructures.upload import Upload, UploadFile
from signette.declarative.adapters.json_patch import JSONPatch
from signette.declarative.adapters.patch import Patch
from signette.declarative.plan.steps import (
    Call,
    CheckUnknown,
    Field,
    Negotiate,
    Open,
    Plan,
    RaiseErrors,
    Read,
    ReadModel,
    Split,
)
from signette.declarative.signature.annotations import models_in, strip_annotated, union_members
from signette.declarative.signature.markers import MISSING, Form
from signette.declarative.signature.model import Kind
from signette.declarative.sources.content import CONTENT as FORMATTED
from signette.declarative.sources.form import CONTENT
from signette.declarative.sources.pages import PageRequest
from signette.declarative.sources.patch import JSON_PATCH, PATCH
from signette.declarative.sources.row import Row
from signette.declarative.sources.shapes import shape_of
from signette.declarative.sources.source import Source
from signette.declarative.sources.stream import STREAM
from signette.exceptions import HTTPException
from signette.forms.errors import MultiPartException
from signette.requests import HTTPConnection, Request
from signette.responses.plain import Response
from tests.declarative.brackets import Unreadable, bracketed, is_blank
from tests.declarative.streams.oracle import Invalid, Malformed, WholeStream, all_finite

JSON_TYPES = ("application/json", "+json")
PATCHES: dict[Any, tuple[str, ...]] = {
    Patch: ("application/merge-patch+json", "application/json"),
    JSONPatch: ("application/json-patch+json",),
}
OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")
REQUIRED = ("if-match", "if-none-match", "if-unmodified-since")
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass
class Rejection(Exception):
    """The request gets a status, and entries for invalid values."""

    status: int
    entries: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Reached:
    """What the interpreter came to: the endpoint's result and the status that it gets."""

    result: Any
    status: int
    media_type: str | None = None
    """That of the format that the request accepts, if it has a choice."""


async def interpret(plan: Plan, scope: dict[str, Any], body: bytes, values: Sequence[str], sent: Any) -> Reached:
    """Do what the plan says. `sent(status, media_type)` is called where a binder would send its response.

    Raises `Refusal`.
    """
    async with AsyncExitStack() as app_exits, AsyncExitStack() as request_exits:
        async with AsyncExitStack() as function_exits:
            exits = {"app": app_exits, "request": request_exits, "function": function_exits}
            run = Interpreter(plan, scope, body, values, exits)
            request_exits.push_async_callback(run.request.close)
            for step in plan.steps:
                await run.do(step)
        reached = Reached(run.known["result"], plan.reply.status, run.media_type)
        sent(reached.status, reached.media_type)
        return reached


class Interpreter:
    """The state of one request: what is known so far, and what was wrong so far."""

    def __init__(
        self,
        plan: Plan,
        scope: dict[str, Any],
        body: bytes,
        values: Sequence[str],
        exits: Mapping[str, AsyncExitStack],
    ) -> None:
        self.plan = plan
        self.values = values
        self.exits = exits
        self.body = body
        self.request = Request(scope, receiving(body))
        self.known: dict[str, Any] = {}
        self.errors: list[dict[str, str]] = []
        self.opened: dict[Source, Any] = {}
        self.media_type: str | None = None

    async def do(self, step: Any) -> None:
        """One step."""
        if isinstance(step, Open):
            await self.open(step.source)
            if step.source.place == "form":
                await self.rule(dict(step.file_rules))
        elif isinstance(step, Read):
            await self.read(step)
        elif isinstance(step, ReadModel):
            await self.gather(step)
        elif isinstance(step, Split):
            for into, attribute in step.parts:
                self.known[into] = getattr(self.known[step.source], attribute)
        elif isinstance(step, CheckUnknown):
            await self.check_unknown(step)
        elif isinstance(step, RaiseErrors):
            if self.errors:
                raise Rejection(422, self.errors)
        elif isinstance(step, Negotiate):
            self.negotiate(step)
        else:
            assert isinstance(step, Call)
            # A guard whose values are not valid: that is rejected later.
            is_callable = not self.errors or all(each.value in self.known for each in step.arguments)
            if is_callable and (step.lifetime != "app" or self.is_requested(step)):
                self.known[step.into] = await self.call(step)

    def negotiate(self, step: Negotiate) -> None:
        accept = ", ".join(self.request.headers.getlist("accept"))
        self.media_type = preferred(accept, [each.media_type for each in step.negotiation.formats])

    async def check_unknown(self, step: CheckUnknown) -> None:
        for name in await self.names_in(step.source):
            if name not in step.known and not any(name.startswith(each) for each in step.known if each[-1:] == "["):
                self.errors += [{"in": "query", "name": name, "code": "extra_forbidden"}] * step.rejects

    # -- sources ---------------------------------------------------------------------------------------------------

    async def open(self, source: Source) -> None:
        """What can go wrong before a value is looked at: a body of the wrong media type, or none that can be read."""
        if not isinstance(source, Row):
            before = [await self.given_by(each) for each in source.after]
            opened = source.open(self.request.scope, *before)
            self.opened[source] = await opened if inspect.isawaitable(opened) else opened
            return
        declared = self.request.headers.get("content-type")
        media_type = declared.partition(";")[0].strip().lower() if declared is not None else None
        if source.place == "form":
            await self.want(media_type in FORM_TYPES, media_type)
            try:
                await self.request.form()
            except (HTTPException, MultiPartException) as exc:
                raise Rejection(exc.status_code) from None
        elif source == FORMATTED:
            known = source.uses["k_readers"].accept.split(", ")
            await self.want(media_type in known or str(media_type).endswith("+json"), media_type)
        elif source in (PATCH, JSON_PATCH):
            (read,) = [each for each in self.plan.reads if each.source == source]
            known = [name for part in union_members(read.annotation) for name in PATCHES[get_origin(part)]]
            await self.want(media_type in known, media_type)
        elif source.place == "body" and source.checks == "json":
            await self.want(media_type is not None and media_type.endswith(JSON_TYPES), media_type)

    async def rule(self, rules: Mapping[str, Any]) -> None:
        """The files of a form, each by the rule of its name. Those with a sink are only described to the endpoint."""
        if not rules:  # of most sources: the request may have another body
            return
        pairs = []
        for name, value in (await self.request.form()).multi_items():
            rule, content = rules.get(name), content_of(value)
            content = content.encode() if isinstance(content, str) else content
            if rule is not None and not is_blank(value):
                declared = getattr(value, "content_type", None) or "text/plain"
                allowed = [declared, declared.split("/")[0] + "/*"]
                if rule.media_types and not set(allowed) & set(rule.media_types):
                    raise Rejection(415)
                if rule.max_bytes is not None and len(content) > rule.max_bytes:
                    raise Rejection(413)
            is_stored = isinstance(value, UploadFile) and not is_blank(value)
            if rule is not None and rule.sink is not None and is_stored:
                value.file.close()
                digest = hashlib.new(rule.sink.hash, content).hexdigest()
                value = Upload(name, value.filename, value.headers, size=len(content), digest=digest)  # noqa: PLW2901
            pairs.append((name, value))
        self.request._form = FormData(pairs)

    async def given_by(self, source: Source) -> Any:
        """What a source gives to those that are built on it."""
        request = self.request
        match source:
            case Row(place="query"):
                return dict(request.query_params)
            case Row(place="header"):
                return {name.encode(): request.headers[name].encode() for name in request.headers}
            case Row(place="cookie"):
                return request.cookies
            case Row(place="form"):
                return dict(await request.form())
            case Row(place="body"):
                return await request.body()
            case Row(place="request"):
                return request
        return self.given_to(source)

    async def want(self, is_wanted: bool, media_type: str | None) -> None:
        """Another media type is rejected by its word alone, one that was not said only where something was sent."""
        if not is_wanted and (media_type is not None or await self.request.body()):
            raise Rejection(415)

    async def find(self, source: Source, wire: str, position: int | None = None) -> list[Any]:
        """All values that stand under a name."""
        request = self.request
        match source.place:
            case "path":
                return [self.values[position or 0]]
            case "query":
                return request.query_params.getlist(wire)
            case "header":
                return request.headers.getlist(wire)
            case "cookie":
                return [request.cookies[wire]] if wire in request.cookies else []
            case "form":
                return (await request.form()).getlist(wire)
        if source.has_lists:
            return list(source.getlist(self.given_to(source), wire))
        return [source.get(self.given_to(source), wire)]

    def given_to(self, source: Source) -> Any:
        """What a source of the application's own looks into."""
        return self.opened.get(source, self.request.scope)

    async def taken(self, read: Read | Field, source: Source, wire: str, position: int | None = None) -> list[Any]:
        """All that a read takes under a name: its values, or the one that names with brackets make."""
        if read.shape is not None:
            names = [name for name in await self.names_in(source) if name.partition("[")[0] == wire]
            try:
                value = bracketed({name: await self.find(source, name) for name in names}, wire, read.shape)
            except Unreadable:
                raise Rejection(400) from None
            return [] if value is MISSING else [value]
        if isinstance(source, Row):
            found = await self.find(source, wire, position)
        else:
            value = getattr(source, "getlist" if read.many else "get")(self.given_to(source), wire)
            found = [] if value is MISSING else value if read.many else [value]
        if found and read.delimiter:
            return [chunk.strip(" ") for text in found for chunk in text.split(read.delimiter) if text] or [MISSING]
        return found

    async def names_in(self, source: Source) -> list[str]:
        """All names that were sent, each once."""
        request = self.request
        if not isinstance(source, Row):
            return list(dict.fromkeys(source.names(self.given_to(source))))
        found: Any = {
            "query": request.query_params.keys(),
            "header": request.headers.keys(),
            "cookie": request.cookies.keys(),
        }.get(source.place)
        return list(dict.fromkeys(found if found is not None else (await request.form()).keys()))

    # -- values ----------------------------------------------------------------------------------------------------

    async def read(self, read: Read) -> None:
        source = read.source
        if isinstance(source, Row) and source.checks == "never":
            self.known[read.into] = self.inject(read)
            return
        if source.place == "form" and source.checks == "json":
            await self.part(read)
            return
        if source == JSON_PATCH:
            await self.patched(read)
            return
        if source == FORMATTED:
            await self.formatted(read)
            return
        keeps_empty = isinstance(read.marker, Form) and read.marker.allow_empty
        wire: str | None = None
        value: Any = MISSING
        if isinstance(source, Row) and source.place == "body":
            body = await self.request.body()
            if not body and read.name == "body" and source.opener is not source:
                body = b"{}"
            value = body or MISSING
        else:
            for wire in read.keys:
                value = counted(await self.taken(read, source, wire, read.position), read, source, keeps_empty)
                if value is not MISSING:
                    break
        if value is MISSING:
            self.absent(read)
            return
        if source == CONTENT:
            value = content_of(value)
        if source.checks == "never":
            self.known[read.into] = value
            return
        self.check(read, value, wire)

    async def patched(self, read: Read) -> None:
        """A patch whose kind is that of its media type. Names of operations are in no location."""
        media_type = self.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        parts = union_members(read.annotation)
        part = next((each for each in parts if media_type in PATCHES[get_origin(each)]), parts[0])
        body = await self.request.body()
        if not body:
            self.absent(read)
            return
        try:
            if not all_finite(json.loads(body)):
                raise Rejection(400)
            self.known[read.into] = TypeAdapter(part).validate_json(body)
        except ValidationError as exc:
            for error in exc.errors():
                steps = [step for at, step in enumerate(error["loc"]) if at != 1 or step not in OPERATIONS]
                self.errors.append({"in": "body", "pointer": pointer(tuple(steps)), **complaint(error)})
            self.errors = each_once(self.errors)
        except ValueError:
            raise Rejection(400) from None

    async def formatted(self, read: Read) -> None:
        """A body that is JSON, a form or MessagePack. A form is a tree below a name that no client sends."""
        media_type = self.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        place, body = "body", b""
        try:
            if media_type in FORM_TYPES:
                place = "form"
                pairs = (await self.request.form()).multi_items()
                if not all(isinstance(value, str) for _, value in pairs):
                    raise Rejection(400)
                lists: dict[str, list[Any]] = {}
                for name, value in pairs:
                    first, bracket, rest = name.partition("[")
                    lists.setdefault(f"form[{first or '?'}]{bracket}{rest}", []).append(value)
                value = bracketed(lists, "form", shape_of(read.annotation, drops_blank=True))
                value = pairs and ({} if value is MISSING else value)
            else:
                value = body = await self.request.body()
            if not value and value != {}:
                self.absent(read)
            elif body and "msgpack" not in media_type:
                json.loads(body)
                self.known[read.into] = self.from_json(read, body)
            else:
                value = ormsgpack.unpackb(body) if body else value
                if body and ormsgpack.packb(value) != body:  # it ends earlier
                    raise Rejection(400)
                self.known[read.into] = TypeAdapter(read.annotation).validate_python(value)
        except ValidationError as exc:
            self.errors += each_once([{**_named(each["loc"], place), **complaint(each)} for each in exc.errors()])
        except (HTTPException, MultiPartException) as exc:
            raise Rejection(exc.status_code) from None
        except (ValueError, Unreadable):
            raise Rejection(400) from None

    async def part(self, read: Read) -> None:
        """JSON in a part of a form: text, or a file that does not say that it is something else."""
        for wire in read.keys:
            value = counted(await self.find(read.source, wire), read, read.source, False)
            if value is not MISSING:
                break
        if value is MISSING:
            self.absent(read)
            return
        if isinstance(value, UploadFile) and value.content_type not in (None, "application/json"):
            raise Rejection(415)
        text = content_of(value)
        try:
            self.known[read.into] = self.from_json(read, text)
        except ValidationError as exc:
            self.complain(read, exc, wire)

    def inject(self, read: Read) -> Any:
        if read.source == STREAM:
            return self.stream(read)
        match read.source.place:
            case "request":
                return self.request
            case "form":
                return self.request.parts()
            case "connection":
                return HTTPConnection(self.request.scope)
            case "response":
                return Response()
            case "background":
                return BackgroundTasks()
            case "preconditions":
                return Conditional(self.request.scope)
            case "required preconditions":
                if not any(name in self.request.headers for name in REQUIRED):
                    raise PreconditionRequired
                return Conditional(self.request.scope)
            case "page":
                return PageRequest(self.request.scope)
            case "channel":
                return read.channel.maker()(self.request.scope, self.values, [])
        return read.default

    def stream(self, read: Read) -> WholeStream:
        """The items of the body, of which nothing is read before someone asks for them."""
        media_type = self.request.headers.get("content-type")
        if media_type not in read.stream.media_types:
            raise Rejection(415)
        return WholeStream(read.stream, media_type, self.body)

    def absent(self, read: Read | ReadModel) -> None:
        if read.default_factory is not None:
            self.known[read.into] = read.default_factory()
        elif read.default is not MISSING:
            self.known[read.into] = read.default
        else:
            keys = getattr(read, "keys", ())
            place = {"name": keys[0]} if keys else {"pointer": ""}
            self.errors.append({"in": read.source.place, **place, "code": "missing", "message": "Field required"})

    def check(self, read: Read, value: Any, wire: str | None) -> None:
        try:
            if read.source.checks == "json":
                try:
                    json.loads(value)
                except ValueError:
                    raise Rejection(400) from None
                self.known[read.into] = self.from_json(read, value)
            else:
                self.known[read.into] = TypeAdapter(read.annotation).validate_python(value)
        except ValidationError as exc:
            self.complain(read, exc, wire)

    def from_json(self, read: Read, text: Any) -> Any:
        """The value of a JSON text; a type that could keep a float is given none that is no number.

        In the body of another type it is an error where the body has an error, too.
        """
        if read.decimal:
            return TypeAdapter(read.annotation).validate_python(json.loads(text, parse_float=Decimal))
        has_floats = float in getattr(read.annotation, "__annotations__", {}).values()
        if has_floats or strip_annotated(read.annotation) is Any or get_origin(read.annotation) is Patch:
            with suppress(ValueError):
                if not all_finite(json.loads(text)):
                    raise Rejection(400)
        try:
            return TypeAdapter(read.annotation).validate_json(text)
        except ValidationError:
            with suppress(ValueError):
                if read.source.place == "body" and not all_finite(json.loads(text)):
                    raise Rejection(400) from None
            raise

    def complain(self, read: Read, exc: ValidationError, wire: str | None) -> None:
        found = []
        for error in exc.errors():
            steps = error["loc"]
            entry = {"in": read.source.place} | ({"name": wire} if wire is not None else {})
            if steps or wire is None:
                entry["pointer"] = pointer(steps)
            found.append(entry | complaint(error))
        self.errors += each_once(found)

    async def gather(self, gather: ReadModel) -> None:
        """A model spread over a source: one dictionary of what was sent, checked as a whole."""
        source, model, wires, there = gather.source, {}, {}, False
        keeps_empty = isinstance(gather.marker, Form) and gather.marker.allow_empty
        for one in gather.fields:
            for wire, key in one.choices:
                wires.setdefault(key, wire)
                found = await self.taken(one, source, wire)
                there = there or bool(found)
                value = counted(found, one, one.source or source, keeps_empty)
                if value is not MISSING:
                    model[key] = value
                    break
        if gather.extras:
            nested = {wire for one in gather.fields if one.shape for wire in one.wire}
            nested |= {name[:-1] for name in gather.owned if name.endswith("[")}
            fold = str.lower if source.folds_case else str
            owned = set(map(fold, (*gather.owned, *(name for one in gather.fields for name in (*one.wire, *one.keys)))))
            for name in await self.names_in(source):
                if fold(name) not in owned and name.partition("[")[0] not in nested:
                    several = await self.find(source, name)
                    model[name] = several if len(several) > 1 else several[0]
        optional = not gather.required or type(None) in get_args(strip_annotated(gather.annotation))
        if optional and not model and not there:
            self.absent(gather)
            return
        try:
            self.known[gather.into] = TypeAdapter(gather.annotation).validate_python(model)
        except ValidationError as exc:
            found = []
            for error in exc.errors():
                first, *steps = error["loc"][len(models_in(gather.annotation)) > 1 :] or ("",)
                entry = {"in": source.place} | ({"name": wires.get(str(first), str(first))} if first != "" else {})
                if steps:
                    entry["pointer"] = pointer(steps)
                found.append(entry | complaint(error))
            self.errors += each_once(found)

    # -- calls -----------------------------------------------------------------------------------------------------

    def is_requested(self, call: Call) -> bool:
        """Whether a request wants it, and not only what is made for the application from it."""
        takers = [step for step in self.plan.steps if isinstance(step, Call) and
                  any(each.value == call.into for each in step.arguments)]  # fmt: skip
        return not takers or any(step.lifetime != "app" for step in takers)

    async def call(self, call: Call) -> Any:
        if call.lifetime == "app" and call.into in self.known:
            return self.known[call.into]
        for step in self.plan.steps if call.lifetime == "app" else ():
            if isinstance(step, Call) and any(each.value == step.into for each in call.arguments):
                self.known[step.into] = await self.call(step)
        args = [self.known[each.value] for each in call.arguments if not each.keyword_only]
        kwargs = {each.name: self.known[each.value] for each in call.arguments if each.keyword_only}
        if call.kind is Kind.SYNC_GENERATOR:
            manager = contextmanager(call.target)(*args, **kwargs)
            return self.exits[call.lifetime].enter_context(manager)
        if call.kind is Kind.ASYNC_GENERATOR:
            async_manager = asynccontextmanager(call.target)(*args, **kwargs)
            return await self.exits[call.lifetime].enter_async_context(async_manager)
        try:
            result = call.target(*args, **kwargs)
            return await result if inspect.isawaitable(result) else result
        except Malformed:
            raise Rejection(400) from None
        except Invalid as exc:
            entries = [
                {"in": "body", "pointer": pointer((index, *error["loc"]))} | complaint(error)
                for index, error in exc.errors
            ]
            raise Rejection(422, entries) from None


def preferred(accept: str, media_types: list[str]) -> str:
    """The media type with the highest weight, by ranges without parameters (tests/_http/test_accept.py has all)."""
    if not accept:
        return media_types[0]
    weights = {}
    for item in accept.split(", "):
        name, _, weight = item.partition(";q=")
        weights[name] = float(weight or 1)

    def rank(media_type: str) -> tuple[float, int]:
        ranges = ["*/*", media_type.partition("/")[0] + "/*", media_type]
        return max(((at, weights[each]) for at, each in enumerate(ranges) if each in weights), default=(0, 0.0))[::-1]

    best = max(media_types, key=rank)
    if rank(best)[0] == 0:
        raise Rejection(406)
    return best


def counted(found: list[Any], read: Read | Field, source: Source, keeps_empty: bool) -> Any:
    """What a read makes of all that was sent under a name, MISSING where nothing of it counts as sent."""
    if not found:
        return MISSING
    if read.shape is not None or read.delimiter:
        return one_of(found, read, source)
    if not isinstance(source, Row):
        value = one_of(found, read, source)
        return MISSING if not read.many and source.is_empty(value) else value
    if source.place == "form":
        filled = [value for value in found if not is_blank(value)]
        if read.many and source.opener is not source:
            return filled or MISSING
        if not read.many and not keeps_empty:
            return filled[-1] if filled else MISSING
    return one_of(found, read, source)


def one_of(found: list[Any], read: Read | Field, source: Source) -> Any:
    """What a read makes of all that was found."""
    if read.shape is not None:
        return found[0]
    if found == [MISSING]:  # a list with delimiters and no item
        return []
    # A cookie stands once; what a validator before the model makes of its text is the model's.
    many = read.many and (source.place != "cookie" or bool(read.delimiter))
    return found if many else found[0 if source.place in {"header", "cookie"} else -1]


def content_of(value: Any) -> Any:
    """The bytes of a file, of a list the list of theirs; what is no file stays as it is."""
    if isinstance(value, list):
        return [content_of(each) for each in value]
    if not isinstance(value, UploadFile):
        return value
    value.file.seek(0)
    content = value.file.read()
    value.file.seek(0)
    return content


def each_once(entries: list[dict[str, str]]) -> list[dict[str, str]]:
    """The members of a union that reject a value alike report one error."""
    return [entry for place, entry in enumerate(entries) if entry not in entries[:place]]


def _named(steps: Sequence[Any], place: str) -> dict[str, str]:
    """Where an error is: by a pointer, in a form by a name first."""
    if place == "body" or not steps:
        return {"in": place} | ({"pointer": pointer(steps)} if place == "body" else {})
    first, *inner = steps
    return {"in": place, "name": str(first)} | ({"pointer": pointer(inner)} if inner else {})


def complaint(error: Any) -> dict[str, str]:
    """What pydantic says, without the piece of the input that its words about UUIDs repeat."""
    text: str = error["msg"]
    message = text.partition(",")[0] if error["type"] == "uuid_parsing" else text
    return {"code": error["type"], "message": message}


def pointer(steps: Sequence[Any]) -> str:
    """RFC 6901."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def receiving(body: bytes) -> Any:
    """A `receive` that gives the whole body at once."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive

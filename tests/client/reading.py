"""What an operation's binder makes of a request: the values of its reads, without its dependencies and its endpoint."""

from collections.abc import AsyncIterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from pydantic import BaseModel

from signette.client.operations.arguments import sent_reads
from signette.client.runtime.bodies import with_async_body
from signette.client.runtime.spec import InputSpec, OperationSpec
from signette.client.runtime.transport import Sent
from signette.datastructures.upload import UploadFile
from signette.declarative.binding.binder import BindContext, bind
from signette.declarative.plan.steps import Argument, Call, Negotiate, Open, Plan, Read, ReadModel, Split
from signette.declarative.returns.empty import EMPTY
from signette.declarative.returns.kind import Reply
from signette.declarative.signature.model import Kind, SourceLocation
from signette.limits import Limits
from signette.routing.matching import read_template
from signette.types import Message

WHERE = SourceLocation("record", __file__, 1)


class NoMatch(Exception):
    """The path of a request does not match that of the operation."""


def reads_alone(plan: Plan, record: Any) -> tuple[Plan, list[str]]:
    """A plan with the reads whose values clients send; its endpoint is `record`, with these as arguments."""
    kept = {read.into for read in sent_reads(plan)}
    variables: list[str] = []
    steps: list[Any] = []
    used = {read.source for read in plan.reads if read.into in kept}
    opened = used | {each.opener for each in used} | {after for each in used for after in each.opener.after}
    for step in plan.steps:
        if isinstance(step, Read | ReadModel) and step.into not in kept:
            continue
        if isinstance(step, Open) and step.source not in opened:
            continue
        if isinstance(step, Call | Negotiate):
            continue
        steps.append(replace(step, shared=False) if isinstance(step, Open) else step)
        if isinstance(step, Split):
            variables = [*(each for each in variables if each != step.source), *(name for name, _ in step.parts)]
        elif isinstance(step, Read | ReadModel):
            variables.append(step.into)
    arguments = tuple(Argument(f"v{index}", name, keyword_only=True) for index, name in enumerate(variables))
    steps.append(Call("result", record, WHERE, Kind.ASYNC, arguments, endpoint=True))
    return replace(plan, steps=tuple(steps), reply=Reply(EMPTY, None, 204), policies=()), variables


async def read_values(plan: Plan, sent: Sent) -> dict[str, Any]:
    """The values of the variables of the reads.

    Raises what the binder raises for a request that is not valid.
    """
    recorded: dict[str, Any] = {}

    async def record(**values: Any) -> None:
        recorded.update({name: await kept(value) for name, value in values.items()})

    changed, variables = reads_alone(plan, record)
    path, _, query = sent.url.partition("?")
    match = read_template(plan.path).fullmatch(unquote(path)) if "%2F" not in path else _match_escaped(plan, path)
    if match is None:
        raise NoMatch(path)
    sent = await with_async_body(sent)
    body = sent.body if isinstance(sent.body, bytes) else await _whole(sent.body)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.headers]
    scope = {
        "type": "http", "method": plan.methods[0], "path": unquote(path), "query_string": query.encode(),
        "headers": headers, "path_params": {},
    }  # fmt: skip

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        pass

    texts = match if isinstance(match, list) else [match[name] for name in read_template(plan.path).convertors]
    await bind(changed, BindContext(Limits()))(scope, receive, send, texts)
    return {name: recorded[f"v{index}"] for index, name in enumerate(variables)}


async def kept(value: Any) -> Any:
    """The value, with files as what a client takes for them: the request closes its own."""
    if isinstance(value, UploadFile):
        await value.seek(0)  # two parameters may have the same file
        return value.filename, await value.read(), value.content_type or "application/octet-stream"
    if isinstance(value, list):
        return [await kept(each) for each in value]
    if isinstance(value, BaseModel) and any(isinstance(each, UploadFile) for _, each in value):
        return {name: await kept(each) for name, each in value}
    return value


def arguments_from(plan: Plan, operation: OperationSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call that has these values."""
    found: dict[str, Any] = {}
    split = next((step for step in plan.steps if isinstance(step, Split)), None)
    for read in sent_reads(plan):
        if split is not None and split.source == read.into:
            members: Any = read.annotation
            for variable, attribute in split.parts:
                alias = members.model_fields[attribute].validation_alias
                name = alias if isinstance(alias, str) else alias.choices[0]
                found[_named(operation, "member", name).argument] = values[variable]
        elif read.source.place == "body":
            assert operation.body is not None
            found[operation.body.inputs[0].argument] = values[read.into]
        else:
            name = read.keys[0] if isinstance(read, Read) else read.fields[0].wire[0]
            name = name.lower() if read.source.place == "header" else name
            found[_named(operation, read.source.place, name).argument] = values[read.into]
    return found


def _named(operation: OperationSpec, place: str, name: str) -> InputSpec:
    return next(each for each in operation.arguments if each.place == place and each.names[0].name == name)


def _match_escaped(plan: Plan, path: str) -> Any:
    """The texts of a path with escaped slashes, which are no separators."""
    template = read_template(plan.path)
    match = template.fullmatch(unquote(path.replace("%2F", "\0")))
    return None if match is None else [match[name].replace("\0", "/") for name in template.convertors]


async def _whole(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, AsyncIterable):
        return b"".join([chunk async for chunk in body])
    return b"".join(body)

"""Operations -> tools: their names, descriptions, schemas and annotations."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from signette.client.operations.collection import Found, collect
from signette.client.runtime.encoding import RequestEncoder
from signette.client.runtime.spec import OperationSpec
from signette.client.runtime.uploads import STREAMED_BODIES
from signette.declarative.errors.base import closest_match
from signette.declarative.errors.tools import same_tool_name, unsupported_tool
from signette.declarative.openapi.conditional import plan_of_method
from signette.declarative.openapi.names import in_words
from signette.declarative.plan.steps import Plan
from signette.declarative.signature.tool import Tool
from signette.mcp.schemas import input_schema, output_schema

_REPEATS = frozenset({"PUT", "DELETE"})
_DESTROYS = frozenset({"PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class OfferedTool:
    """A tool, as agents see it."""

    name: str
    title: str
    description: str
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any] | None
    """None: the result is not JSON."""
    annotations: Mapping[str, bool]
    """`readOnlyHint`, `destructiveHint`, `idempotentHint` and `openWorldHint`, as far as they are known."""
    problems: tuple[Mapping[str, Any], ...]
    """The problems that it may return as errors: their `status`, `type` and `title`."""
    operation: OperationSpec
    encoder: RequestEncoder = field(repr=False)
    is_wrapped: bool = False
    """The result is the member `result` of the structured content, as it is not an object."""


def tools_of(app: Any, names: Collection[str] = ()) -> tuple[OfferedTool, ...]:
    """The tools of an application, in the order of their names: its operations with `tool=True`.

    Args:
        app: The application.
        names: Only these tools; all without a name.

    Raises:
        SignatureError: two tools have one name, or an operation has arguments without a JSON value.
        LookupError: there is no tool of one of the names.
    """
    found: dict[str, OfferedTool] = {}
    places: dict[str, Found] = {}
    for made, place in _in_versions(_offered(app)):
        if made.name in places:
            raise same_tool_name(place.route.plan.where, made.name, places[made.name].route.plan.where)
        found[made.name], places[made.name] = made, place
    for name in names:
        if name not in found:
            near = closest_match(name, found)
            hint = f"did you mean `{near}`?" if near else f"there are: {', '.join(sorted(found)) or 'none'}"
            raise LookupError(f"there is no tool `{name}`; {hint}")
    return tuple(found[name] for name in sorted(found) if not names or name in names)


def _offered(app: Any) -> Iterator[tuple[OfferedTool, Found]]:
    """The operations with `tool=True`, as tools."""
    operations = collect(app)
    for operation in operations.all:
        place = operations.found[operation.name]
        plan = plan_of_method(place.route.plan, place.method) if not place.route.plan.socket else place.route.plan
        if plan.tool is None:
            continue
        if operation.unsupported:
            raise unsupported_tool(plan.where, operation.unsupported)
        yield _tool(operation, plan, plan.tool, place.route.documented_options, app), place


def _in_versions(tools: Iterable[tuple[OfferedTool, Found]]) -> Iterator[tuple[OfferedTool, Found]]:
    """The tools, with the version of the API in names that several have: a router may be included in each version."""
    every = list(tools)
    count = Counter(tool.name for tool, _ in every)
    for tool, place in every:
        version = place.route.documented_options.get("version")
        if version is None or count[tool.name] == 1:
            yield tool, place
        else:
            yield replace(tool, name=f"{tool.name}_{re.sub('[^A-Za-z0-9]+', '_', str(version))}"), place


def _tool(operation: OperationSpec, plan: Plan, tool: Tool, options: Mapping[str, Any], app: Any) -> OfferedTool:
    name = plan.where.name.rpartition(".")[2]
    schema, is_wrapped = output_schema(plan, options, app.errors)
    return OfferedTool(
        name=tool.name or str(options.get("name") or name),
        title=tool.title or str(options.get("summary") or in_words(name)),
        description=tool.description or operation.doc,
        input_schema=input_schema(operation, plan),
        output_schema=schema,
        annotations=_annotations(operation, tool),
        problems=tuple(
            {"status": each.status, "type": each.type, "title": str(getattr(each.cls, "title", "") or "")}
            for each in operation.problems
        ),
        operation=operation,
        encoder=RequestEncoder(operation, {"multipart": STREAMED_BODIES["multipart"]}),
        is_wrapped=is_wrapped,
    )


def _annotations(operation: OperationSpec, tool: Tool) -> dict[str, bool]:
    """What follows from the method (RFC 9110 §9.2), unless the tool states it."""
    reads = operation.is_safe if tool.read_only is None else tool.read_only
    destroys = operation.method in _DESTROYS if tool.destructive is None else tool.destructive
    # Not with `Idempotent`: each call of a tool has another key.
    repeats = operation.method in _REPEATS if tool.idempotent is None else tool.idempotent
    hints = {"readOnlyHint": reads, "destructiveHint": destroys and not reads, "idempotentHint": repeats or reads}
    return hints if tool.open_world is None else {**hints, "openWorldHint": tool.open_world}

"""Facts of plans that a client can notice and that an OpenAPI document has no words for: limits, policies, paging.

Numbers of threads and processes, names of functions, and where state is kept are left out: no client notices them.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, cast

from signette.contract.model import (
    Conditional,
    Deprecation,
    FileContract,
    OperationContract,
    Paging,
    PolicyContract,
    StreamContract,
)
from signette.declarative.inspection.explain import value_text
from signette.declarative.openapi.conditional import plan_of_method, precondition_fields
from signette.declarative.plan.steps import CheckUnknown, Open, Plan, Read
from signette.declarative.policies.base import Operation
from signette.declarative.policies.deprecated import Deprecated, timestamp
from signette.declarative.policies.entries import AppliedPolicy
from signette.declarative.policies.successor import successor_of
from signette.declarative.signature.pages import Paging as PlannedPaging
from signette.declarative.sources.body import RAW_BODY
from signette.declarative.sources.form import CONTENT, FILE
from signette.declarative.sources.injected import REQUIRED_CONDITIONAL
from signette.declarative.sources.operation_limits import operation_limits, own_limits
from signette.declarative.sources.parts import PARTS
from signette.declarative.sources.source import Phase
from signette.declarative.streams.spec import StreamSpec
from signette.forms.rules import FileRule
from signette.limits import Limits
from signette.routing.matching import without_convertors

OF_ALL_REQUESTS = ("path_bytes", "query_bytes", "query_params", "header_fields", "header_bytes")


def add_facts(
    operation: OperationContract, route: Any, method: str, limits: Limits, routes: Iterable[Any] = ()
) -> None:
    """Add what the plan of a route knows to its operation. `limits` and `routes` are those of the application."""
    plan = plan_of_method(route.plan, method)
    operation["policies"] = policies_of(plan)
    if operation["deprecated"] is not None:
        operation["deprecated"] = deprecation_of(plan, routes)
    if operation["body"] is not None:
        operation["body"]["encodings"] = sorted(plan.request_encodings)
        if any(read.source.place == "body" and read.source != RAW_BODY for read in plan.reads):
            operation["body"]["requires_media_type"] = bool(route.options.get("strict_content_type", True))
    operation["limits"] = limits_of(plan, route.options, limits)
    optional: Mapping[str, Any] = {
        "formats": [each.media_type for each in plan.reply.formats],
        "rejects_unknown": sorted(step.source.place for step in _unknown(plan) if step.rejects),
        "conditional": _conditional(plan),
        "paging": _paging(plan.reply.paging),
        "resumes": plan.reply.resumes,
        "stream": next((_stream(each) for each in _streams(plan)), None),
        "files": _files(plan),
    }
    operation.update(cast(Any, {name: fact for name, fact in optional.items() if fact}))


def limits_of_all(limits: Limits) -> dict[str, int | None]:
    """The limits of all requests to an application."""
    return {name: _number(getattr(limits, name)) for name in OF_ALL_REQUESTS}


def limits_of(plan: Plan, options: Mapping[str, Any], application: Limits) -> dict[str, int | None]:
    """The limits of what an operation reads: its body, and in that JSON, forms and files."""
    own = own_limits(options.get("max_body_size"), options.get("form_limits"))
    limits = operation_limits(application, own)
    reads = [read for read in plan.reads if read.source.phase is Phase.BODY]
    names = ["body_bytes"] if reads else []
    names += ["decompression_ratio"] if reads and plan.request_encodings else []
    streams = _streams(plan)
    if any(read.source.place == "body" and read.source != RAW_BODY for read in reads):
        names += ["json_values"] if streams else ["json_bytes", "json_values"]
    if any(read.source.place == "form" for read in reads):
        names += ["form_fields", "form_part_bytes", "form_text_bytes"]
    if any(read.source in (FILE, CONTENT, PARTS) for read in reads) or _files(plan):
        names.append("form_files")
    found = {name: _number(getattr(limits, name)) for name in names}
    own_bytes = next((each.items.max_bytes for each in streams), None)
    return found if own_bytes is None else found | {"body_bytes": own_bytes}


def deprecation_of(plan: Plan, routes: Iterable[Any]) -> Deprecation:
    """The dates and URLs of a deprecated operation. `routes` may have its successor, in a later version of the API."""
    entry = next((each for each in plan.policies if each.applies and isinstance(each.policy, Deprecated)), None)
    if entry is None:
        return {"since": None, "sunset": None, "successor": None, "docs": None}
    policy = cast(Deprecated, entry.policy)
    return {
        "since": _moment("since", policy.since),
        "sunset": _moment("sunset", policy.sunset),
        "successor": policy.successor or _found_successor(entry.operation, routes),
        "docs": policy.docs,
    }


def _found_successor(operation: Operation | None, routes: Iterable[Any]) -> str | None:
    found = successor_of(operation, routes) if operation is not None and operation.version else None
    if operation is None or found is None:
        return None
    index, version = found
    segments = without_convertors(operation.path).split("/")
    return "/".join((*segments[:index], version, *segments[index + 1 :]))


def policies_of(plan: Plan) -> dict[str, PolicyContract]:
    """The policies that apply, by the names of their classes. A deprecation is not one of them."""
    chosen = [each for each in plan.policies if each.applies and not isinstance(each.policy, Deprecated)]
    return {type(each.policy).__name__: _policy(each) for each in chosen}


def _policy(entry: AppliedPolicy) -> PolicyContract:
    statuses = {str(each.status) for each in entry.documentation.problems}
    return {
        "arguments": _plain(entry.policy.facts()),
        "statuses": sorted(statuses | set(map(str, entry.documentation.responses))),
    }


def _plain(value: Any) -> Any:
    """An argument as a JSON value. A function is only `true`: its name is not for clients."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((_plain(each) for each in value), key=repr)
    if isinstance(value, list | tuple | range):
        return [_plain(each) for each in value]
    if callable(value):
        return True
    return value_text(value)


def _conditional(plan: Plan) -> Conditional | None:
    tagged = sorted(map(str, plan.reply.tagged_statuses))
    if not tagged and not list(precondition_fields(plan)):
        return None
    required = any(read.source == REQUIRED_CONDITIONAL for read in plan.reads)
    return {"precondition_required": required, "tagged": tagged}


def _paging(paging: PlannedPaging | None) -> Paging | None:
    if paging is None:
        return None
    return {
        "parameter": paging.parameter,
        "items": paging.items,
        "next": paging.next,
        "default_limit": paging.limit.default,
        "max_limit": paging.limit.maximum,
        "max_offset": None if paging.parameter == "cursor" else paging.max_offset,
    }


def _streams(plan: Plan) -> list[StreamSpec]:
    return [read.stream for read in plan.reads if isinstance(read, Read) and read.stream is not None]


def _stream(stream: StreamSpec) -> StreamContract:
    items = stream.items
    return {
        "on_error": items.on_error,
        "max_errors": items.max_errors,
        "max_items": items.max_items,
        "max_item_bytes": items.max_item_bytes,
        "max_bytes": items.max_bytes,
    }


def _files(plan: Plan) -> dict[str, FileContract]:
    rules = {name: rule for step in plan.steps if isinstance(step, Open) for name, rule in step.file_rules}
    return {name: _file(rule) for name, rule in rules.items() if rule.max_bytes is not None or rule.media_types}


def _file(rule: FileRule) -> FileContract:
    return {"max_bytes": rule.max_bytes, "media_types": sorted(rule.media_types), "sniff": rule.sniff}


def _unknown(plan: Plan) -> Iterable[CheckUnknown]:
    return (step for step in plan.steps if isinstance(step, CheckUnknown))


def _moment(name: str, value: date | None) -> str | None:
    seconds = timestamp(name, value)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(limit: int | None) -> int | None:
    """A limit as a plain number: those of `Limits` are of classes that know where they are set."""
    return None if limit is None else int(limit)

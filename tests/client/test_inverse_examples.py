"""The binder reads what a client encodes, and a client decodes what is rendered: for the operations of all examples."""

from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from examples.ported.topics import advanced, answers, bodies, forms, guards, headers, needs, queries
from signette import App, Patch
from signette.client import ArgumentError, OperationSpec, UnexpectedResponse, operations_of
from signette.client.operations.arguments import sent_reads
from signette.client.runtime.decoding import ResponseDecoder
from signette.client.runtime.encoding import RequestEncoder
from signette.client.runtime.schemas import RequestType
from signette.client.runtime.transport import Sent
from signette.declarative.plan.steps import Plan
from signette.declarative.returns.contents import dump_of
from signette.routing.matching import without_convertors
from tests.client.reading import arguments_from, read_values
from tests.client.values import is_same, values_of
from tests.regenerate import EXAMPLES
from tests.volume import examples

APPS = EXAMPLES | {
    each.__name__.rpartition(".")[2]: each.app
    for each in (advanced, answers, bodies, forms, guards, headers, needs, queries)
}
# Bodies that are not made of JSON values.
OTHER_BODIES = ("multipart", "parts", "items", "bytes")


def planned(app: App) -> list[tuple[OperationSpec, Plan]]:
    """The operations of an application with their plans, without those of mounted applications."""
    routes: dict[Any, Plan] = {}
    for route in app.routes:
        plan = getattr(route, "plan", None)
        for method in () if plan is None else plan.methods:
            routes.setdefault((method, without_convertors(plan.path)), plan)
    found = [(each, routes.get((each.method, each.path))) for each in operations_of(app)]
    return [(each, plan) for each, plan in found if plan is not None]


OPERATIONS = [found for app in APPS.values() for found in planned(app)]
CALLS = [
    (operation, plan)
    for operation, plan in OPERATIONS
    if sent_reads(plan) and (operation.body is None or operation.body.kind not in OTHER_BODIES)
]
RESULTS = [
    (operation, plan, result)
    for operation, plan in OPERATIONS
    for result in operation.results
    if result.kind == "json" and not result.envelope and not result.is_partial
]
WITHOUT_SHRINKING = settings(
    suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.reuse, Phase.generate]
)


@settings(WITHOUT_SHRINKING, max_examples=examples(60))
@given(data=st.data())
def test_the_binder_reads_what_is_encoded(data: st.DataObject) -> None:
    operation, plan = data.draw(st.sampled_from(CALLS))
    arguments = {
        each.argument: data.draw(values_of(each.type), label=each.argument)
        for each in operation.arguments
        if each.required or data.draw(st.booleans())
    }
    reason, sent = encoded(operation, arguments)
    assert sent is not None or "cannot be" in reason or "is an empty text" in reason, (operation.name, arguments)
    assume(sent is not None)
    assert sent is not None
    read = arguments_from(plan, operation, anyio.run(read_values, plan, sent))
    for name in arguments.keys() & read.keys():
        assert is_same(read[name], as_read(operation, name, arguments[name])), (operation.name, name)


def encoded(operation: OperationSpec, arguments: dict[str, Any]) -> tuple[str, Sent | None]:
    """The request, or the reason for the lack of one."""
    try:
        return "", RequestEncoder(operation).encode(arguments)
    except ArgumentError as exc:
        return exc.reason, None


def as_read(operation: OperationSpec, name: str, value: Any) -> Any:
    """The value that an endpoint gets for an argument: of a patch, its document."""
    if operation.body is None or operation.body.kind != "patch" or operation.body.inputs[0].argument != name:
        return value
    return Patch(type(value), RequestType(type(value)).set_fields(value))


@settings(WITHOUT_SHRINKING, max_examples=examples(60))
@given(data=st.data())
def test_a_client_decodes_what_is_rendered(data: st.DataObject) -> None:
    operation, plan, result = data.draw(st.sampled_from(RESULTS))
    value = data.draw(values_of(result.type))
    body = dump_of(result.type, plan.reply)(value)
    status = plan.reply.status if result.status is None else result.status
    found = ResponseDecoder(operation).decode(status, [("content-type", "application/json")], body)
    assert is_same(found, value), (operation.name, found, value)


def test_a_body_of_another_type_is_not_decoded() -> None:
    operation = next(each for each in operations_of(EXAMPLES["airports"]) if each.name == "get_airport")
    with pytest.raises(UnexpectedResponse):
        ResponseDecoder(operation).decode(200, [("content-type", "application/json")], b'{"icao": 3}')

"""The binder reads what a client encodes, for random signatures."""

from typing import Any
from urllib.parse import quote

import anyio
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from signette.app import App
from signette.client.operations.arguments import sent_reads
from signette.client.operations.collection import operations_of
from signette.client.runtime.encoding import RequestEncoder
from signette.client.runtime.errors import ArgumentError
from signette.client.runtime.spec import OperationSpec
from signette.client.runtime.transport import Sent
from signette.client.runtime.uploads import STREAMED_BODIES
from signette.declarative.errors.base import SignatureError
from signette.declarative.plan.steps import Plan, names_of
from signette.exceptions import HTTPException
from tests.client.reading import arguments_from, read_values
from tests.client.values import is_same
from tests.declarative import signatures as random_signatures
from tests.declarative.signatures import Written, requests, signatures
from tests.declarative.test_binder_agrees import functions_of
from tests.volume import examples

# A model with a validator that runs before its fields are read may take any name, so its encoder cannot be known;
# what `default_factory` makes in these signatures is of another type than the parameter.
WITHOUT_INVERSE = ("Renamed", "default_factory")
# Why an argument has no form in a request.
REASONS = ("cannot be sent", "cannot be written", "has another value", "only `__init__` has")


def operation_of(written: Written) -> tuple[Plan, OperationSpec] | None:
    """The plan and the operation of a random signature; None if it is rejected."""
    app = App(openapi_url=None)
    path = "/{" + written.path[0] + "}" if written.path else "/"
    found = functions_of(written, [])
    try:
        app.add_api_route(path, found["endpoint"], ["POST"], dependencies=found["entries"])
        (operation,) = operations_of(app)
    except SignatureError:
        return None
    routes: list[Any] = list(app.routes)
    return next(route.plan for route in routes if route.name == "endpoint"), operation


def has_two_types(plan: Plan) -> bool:
    """Whether callables read the same name as different types, of which an argument has one."""
    found: dict[Any, set[str]] = {}
    for read in sent_reads(plan):
        for name in names_of(read):
            found.setdefault((read.source.place, name), set()).add(repr(read.annotation))
    return any(len(each) > 1 for each in found.values())


def request_of(sent: random_signatures.Sent) -> Sent:
    url = "/" + quote(sent.values[0], safe="") if sent.values else "/"
    query = quote(sent.query, safe="%&=+[]{};,/?:@!$'()*~|^`\"<>\\ ")
    headers = [(name.decode(), value.decode("latin-1")) for name, value in sent.headers]
    return Sent("POST", f"{url}?{query}" if query else url, headers, sent.body)


def passed(operation: OperationSpec, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments without defaults, which need not be valid."""
    defaults = {each.argument: each.default for each in operation.arguments if each.default is not None}
    return {name: each for name, each in arguments.items() if repr(each) != repr(defaults.get(name))}


def encoded(encoder: RequestEncoder, arguments: dict[str, Any]) -> tuple[str, Sent | None]:
    """The request, or the reason for the lack of one."""
    try:
        return "", encoder.encode(arguments)
    except ArgumentError as exc:
        return exc.reason, None


@pytest.mark.either_loop
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@settings(
    max_examples=examples(40),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking whole signatures takes minutes
)
@given(data=st.data())
def test_the_binder_reads_what_is_encoded(backend: str, data: st.DataObject) -> None:
    written = data.draw(signatures())
    assume(not any(each in written.text for each in WITHOUT_INVERSE))
    made = operation_of(written)
    assume(made is not None)
    assert made is not None
    plan, operation = made
    assert not operation.unsupported
    assume(not has_two_types(plan))
    encoder = RequestEncoder(operation, STREAMED_BODIES)

    async def check(sent: Sent) -> None:
        try:
            values = await read_values(plan, sent)
        except HTTPException:  # the random request is not valid
            return
        reason, again = encoded(encoder, passed(operation, arguments_from(plan, operation, values)))
        if again is None:
            assert any(each in reason for each in REASONS), (reason, written.text)
            return
        assert is_same(await read_values(plan, again), values), (written.text, sent, again)

    for _ in range(3):
        anyio.run(check, request_of(data.draw(requests(written))), backend=backend)

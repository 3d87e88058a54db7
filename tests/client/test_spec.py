"""What a client knows of an operation."""

import copy
import pickle

import pytest

from signette.client.runtime.spec import UNSET, BodySpec, InputSpec, NameSpec, OperationSpec
from signette.client.runtime.transport import WholeResponse, header_of

ORDER = InputSpec("order", "body", dict, ())
LIMIT = InputSpec("limit", "query", int, (NameSpec("limit"),), required=False, default=20)
SHOP = InputSpec("shop", "path", str, (NameSpec("shop"),))


def test_arguments_are_in_the_given_order() -> None:
    operation = OperationSpec(
        "create_order", "POST", "/{shop}/orders", (SHOP, LIMIT), BodySpec("json", (ORDER,), ("application/json",)),
        order=("shop", "order", "limit"),
    )  # fmt: skip
    assert operation.arguments == (SHOP, ORDER, LIMIT)


@pytest.mark.parametrize(
    ("method", "key", "is_safe", "is_idempotent"),
    [
        ("GET", "", True, True),
        ("PUT", "", False, True),
        ("POST", "", False, False),
        ("POST", "Idempotency-Key", False, True),
        ("PATCH", "", False, False),
    ],
)
def test_a_method_or_a_key_makes_an_operation_idempotent(
    method: str, key: str, is_safe: bool, is_idempotent: bool
) -> None:
    operation = OperationSpec("call", method, "/", idempotency_key=key)
    assert (operation.is_safe, operation.is_idempotent) == (is_safe, is_idempotent)


def test_no_value_is_false_and_not_none() -> None:
    assert not UNSET
    assert UNSET is not None
    assert pickle.loads(pickle.dumps(UNSET)) is copy.deepcopy(UNSET) is UNSET


async def test_a_response_in_memory_is_read_and_iterated() -> None:
    response = WholeResponse(200, [("content-type", "text/plain")], b"text")
    assert await response.aread() == response.read() == b"text"
    assert [chunk async for chunk in response.aiter_bytes()] == list(response.iter_bytes()) == [b"text"]
    assert header_of(response.headers, "content-type") == "text/plain"
    assert header_of(response.headers, "etag") is None
    await response.aclose()
    response.close()

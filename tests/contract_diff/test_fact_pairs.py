"""Pairs of contracts that differ in one fact that only plans know: limits, policies, pages, files, WebSockets."""

import copy
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from signette.contract.diff.rules import RULES
from tests.contract_diff import test_application_pairs, test_document_pairs, test_schema_pairs
from tests.contract_diff.contracts import contract, document, findings, verdicts

B, C, N = "breaking", "compatible", "note"
FILES = {"max_bytes": None, "media_types": ["image/gif", "image/png"], "sniff": False}
PAGES = {
    "parameter": "cursor", "items": "items", "next": "next", "default_limit": 10, "max_limit": 100, "max_offset": None
}  # fmt: skip
STREAM = {"on_error": "stop", "max_errors": 5, "max_items": None, "max_item_bytes": None, "max_bytes": None}
MESSAGE = {"media_type": "application/json", "schema": {"type": "integer"}}
SOCKET = {
    "name": "chat", "path": "/chat", "deprecated": None, "inputs": {}, "receives": {"Say": MESSAGE},
    "sends": {"Line": MESSAGE}, "security": [], "options": {"subprotocol": None, "idle_timeout": None},
    "limits": {"websocket_message_bytes": 1000}, "policies": {},
}  # fmt: skip
SUNSET = {"since": None, "sunset": "2026-01-01T00:00:00Z", "successor": None, "docs": None}
LIMITED = {"arguments": {"windows": [{"amount": 10, "seconds": 1}], "by": True}, "statuses": ["429"]}
OWN = {"arguments": {"level": 1}, "statuses": []}


class Row(NamedTuple):
    """A member of the operation, of the WebSocket or of the contract, with its values; `...` is a missing member."""

    member: str
    before: Any
    after: Any
    verdicts: dict[str, str]


ROWS = [
    Row("limits body_bytes", 1000, 500, {"limit-lowered": B}),
    Row("limits body_bytes", 500, None, {"limit-raised": C}),
    Row("limits body_bytes", None, 500, {"limit-lowered": B}),
    Row("policies RateLimit", {}, LIMITED, {"rate-limit-added": B}),
    Row("policies RateLimit", LIMITED, ..., {"rate-limit-raised": C}),
    Row("policies RateLimit arguments by", True, None, {"policy-changed": N}),
    Row("policies Own", ..., OWN, {"policy-added": N}),
    Row("policies Own", OWN, ..., {"policy-removed": N}),
    Row("policies Own arguments level", 1, 2, {"policy-changed": N}),
    Row("conditional", ..., {"precondition_required": True, "tagged": []}, {"precondition-required": B}),
    Row("conditional", {"precondition_required": True, "tagged": []}, ..., {"precondition-optional": C}),
    Row("conditional", ..., {"precondition_required": False, "tagged": ["200"]}, {"validators-added": C}),
    Row("conditional", {"precondition_required": False, "tagged": ["200"]}, ..., {"validators-removed": N}),
    Row("paging", ..., PAGES, {"paging-added": N}),
    Row("paging", PAGES, ..., {"paging-removed": B}),
    Row("paging parameter", "cursor", "offset", {"paging-changed": B}),
    Row("paging default_limit", 10, 20, {"page-size-changed": N}),
    Row("paging max_limit", 100, 50, {"limit-lowered": B}),
    Row("resumes", True, ..., {"resume-removed": B}),
    Row("resumes", ..., True, {"resume-added": C}),
    Row("stream on_error", "stop", "collect", {"stream-errors-changed": B}),
    Row("stream max_errors", 5, 1, {"limit-lowered": B}),
    Row("stream", STREAM, ..., {}),
    Row("files picture max_bytes", 500, None, {"limit-raised": C}),
    Row("files picture", ..., FILES, {"file-media-type-removed": B}),
    Row("files picture", FILES, ..., {"file-media-type-added": C}),
    Row("files picture media_types", ["image/gif"], ["image/png"],
        {"file-media-type-added": C, "file-media-type-removed": B}),
    Row("files picture sniff", False, True, {"file-contents-checked": B}),
    Row("files picture sniff", True, False, {"file-contents-unchecked": C}),
    Row("body encodings", ["gzip"], [], {"body-coding-removed": B}),
    Row("body encodings", ..., [], {}),
    Row("body encodings", [], ["gzip"], {"body-coding-added": C}),
    Row("body requires_media_type", False, True, {"body-content-type-required": B}),
    Row("body requires_media_type", True, False, {"body-content-type-optional": C}),
    Row("body requires_media_type", ..., True, {}),
    Row("/servers", ["https://a"], [], {"server-removed": N}),
    Row("/servers", [], ["https://a"], {"server-added": C}),
    Row("/limits query_params", 100, 10, {"limit-lowered": B}),
    Row("/made_from", "application", "openapi", {"facts-not-compared": N}),
    Row("/sockets /chat", SOCKET, ..., {"socket-removed": B}),
    Row("/sockets /chat", ..., SOCKET, {"socket-added": C}),
    Row("/sockets /chat", {**SOCKET, "deprecated": SUNSET}, ..., {"socket-removed-after-sunset": C}),
    Row("/sockets /chat receives Ask", MESSAGE, ..., {"received-message-removed": B}),
    Row("/sockets /chat receives Ask", ..., MESSAGE, {"received-message-added": C}),
    Row("/sockets /chat sends Ask", MESSAGE, ..., {"sent-message-removed": C}),
    Row("/sockets /chat sends Ask", ..., MESSAGE, {"sent-message-added": B}),
    Row("/sockets /chat receives", {"Say": MESSAGE}, {"Tell": MESSAGE}, {}),
    Row("/sockets /chat receives Say schema type", "integer", "number", {"input-type-added": C}),
    Row("/sockets /chat sends Line schema type", "integer", "number", {"output-type-added": B}),
    Row("/sockets /chat sends Line media_type", "application/json", "text/plain", {"message-media-type-changed": B}),
    Row("/sockets /chat options subprotocol", "v1", None, {"subprotocol-removed": B}),
    Row("/sockets /chat options subprotocol", None, "v1", {"subprotocol-required": B}),
    Row("/sockets /chat options idle_timeout", None, 10, {"socket-option-changed": N}),
    Row("/sockets /chat limits websocket_message_bytes", 1000, 10, {"limit-lowered": B}),
    Row("/sockets /chat deprecated", None, SUNSET, {"operation-deprecated": C}),
]  # fmt: skip


def with_member(path: str, value: Any) -> Any:
    """A contract with all facts, and with this value of one of them."""
    changed: Any = copy.deepcopy(document(requestBody={"content": {"text/plain": {}}}))
    changed["made_from"] = "application"
    changed["limits"] = {"query_params": 100}
    changed["sockets"] = {"/chat": json.loads(json.dumps(SOCKET))}  # its messages are no longer one object
    (operation,) = changed["operations"].values()
    operation["policies"] = {"RateLimit": copy.deepcopy(LIMITED), "Own": copy.deepcopy(OWN)}
    operation |= {"limits": {}, "paging": dict(PAGES), "stream": dict(STREAM), "files": {"picture": dict(FILES)}}
    holder = changed if path.startswith("/") else operation
    *outer, last = path.removeprefix("/").split()
    for name in outer:
        holder = holder[name]
    if value is ...:
        holder.pop(last, None)
    else:
        holder[last] = value
    return changed


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_change_of_a_fact(row: Row) -> None:
    before = {} if row.member == "policies RateLimit" and row.before == {} else row.before
    old = with_member(row.member, ... if before == {} else before)
    assert verdicts(old, with_member(row.member, row.after)) == row.verdicts


def test_facts_of_a_document_are_not_known() -> None:
    (operation,) = document()["operations"].values()
    assert "policies" not in operation
    old, new = document(), document()
    (changed,) = new["operations"].values()
    changed["limits"] = {"body_bytes": 1}
    assert findings(old, new) == []


def test_each_rule_has_a_pair() -> None:
    """The pairs of this folder show each rule, with the verdict of the table of rules."""
    found: dict[str, str] = {}
    for row in test_schema_pairs.ROWS:
        for direction, cell in (("input", row.body), ("output", row.response)):
            found |= test_schema_pairs.expected(direction, cell)
    for _, _, body, response in test_schema_pairs.UNIONS:
        found |= test_schema_pairs.expected("input", body) | test_schema_pairs.expected("output", response)
    tables: list[Any] = [test_application_pairs.ROWS, test_document_pairs.ROWS, ROWS]
    for table in tables:
        for row in table:
            found |= row.verdicts
    assert found == {rule.id: rule.verdict for rule in RULES.values()}


def test_there_are_enough_pairs() -> None:
    """Each pair is a change and its verdict; those of schemas have two."""
    tables: list[Any] = [test_schema_pairs.ROWS, test_application_pairs.ROWS, test_document_pairs.ROWS, ROWS]
    assert sum(map(len, tables)) >= 80


def test_equal_contracts_have_no_changes() -> None:
    define: Callable[[Any], Any] = lambda app: app.get("/items")(items)  # noqa: E731
    assert findings(contract(define), contract(define)) == []


async def items(limit: int = 10) -> list[str]: ...

"""Files that are not contracts are found, as their schema finds them."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from signette.contract.validating import first_fault
from tests.contracts.test_documents import SCHEMA
from tests.regenerate import CONTRACTS, EXAMPLES

VALIDATOR = Draft202012Validator(SCHEMA)
MARKET = json.loads((CONTRACTS / "market.json").read_text("utf-8"))
MARKET["operations"] = {key: MARKET["operations"][key] for key in ("GET /offers", "POST /offers")}
MARKET["schemas"] = {"Offer": {}}
for operation in MARKET["operations"].values():  # few, so that many changes of them take little time
    operation["responses"] = {
        "200": {"contents": {"a/b": {"schema": {}}}, "headers": {"etag": {"required": True, "schema": {}}}}
    }
    operation["problems"] = dict(list(operation["problems"].items())[:1])
# Below these, members are JSON Schemas or arguments, which may be anything.
FREE = frozenset({"schema", "schemas", "schemes", "arguments", "encoding", "default", "options"})


@pytest.mark.parametrize("name", EXAMPLES)
def test_contracts_of_examples_have_no_fault(name: str) -> None:
    assert first_fault(json.loads((CONTRACTS / f"{name}.json").read_text("utf-8"))) is None


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of the members of a contract, those of free objects excluded."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        if key not in FREE:
            yield from places(each, (*path, key))


def changed(path: tuple[Any, ...], *, removes: bool) -> Any:
    contract = copy.deepcopy(MARKET)
    *outer, last = path
    target = contract
    for key in outer:
        target = target[key]
    if removes:
        del target[last]
    else:
        target[last] = 1.5
    return contract


def test_a_member_of_another_type_or_a_missing_one_is_found_as_the_schema_finds_it() -> None:
    """For a path of each shape: `operations/*/inputs/*/name`."""
    shapes = {
        tuple(key if isinstance(key, str) and key.isidentifier() else "*" for key in each): each
        for each in places(MARKET)
    }
    assert len(shapes) > 60
    for path in shapes.values():
        for removes in (False, True):
            if isinstance(path[-1], int) and removes:
                continue
            contract = changed(path, removes=removes)
            if "default" in path[-1:]:
                continue  # any value
            is_valid = VALIDATOR.is_valid(contract)
            fault = first_fault(contract)
            assert (fault is None) == is_valid, (path, removes, fault)


def test_a_fault_names_its_place() -> None:
    path = ("operations", "GET /offers", "inputs", "query size", "required")
    assert (
        first_fault(changed(path, removes=True)) == "`/operations/GET ~1offers/inputs/query size/required` is missing"
    )
    assert first_fault(changed(path, removes=False)) == (
        "`/operations/GET ~1offers/inputs/query size/required` must be of the type `bool`"
    )
    assert first_fault([]) == "`/` must be of the type `dict`"
    made_from = changed(("made_from",), removes=False)
    assert first_fault(made_from) == "`/made_from` must be 'application' or 'openapi'"

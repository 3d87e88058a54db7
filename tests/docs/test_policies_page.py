"""The tables of the page on policies say what the code says."""

import inspect
from typing import Any

import pytest

from signette import policies
from signette.declarative.policies.base import Policy
from signette.declarative.policies.exchange import Exchange
from signette.declarative.signature.markers import MISSING
from tests.docs.tables import first_names, names_in, table_of

PAGE = "reference/policies"
OWN = sorted((each for each in vars(policies).values() if inspect.isclass(each) and issubclass(each, Policy)
              and each is not Policy), key=lambda cls: cls.order)  # fmt: skip


def test_each_policy_has_its_line() -> None:
    rows = [(names_in(row[0]), int(row[1]), row[2] != "no", names_in(row[3])) for row in table_of(PAGE, "policies")]
    assert rows == [
        ([cls.__name__], cls.order, cls.applies_to_websockets, [cls.provides.__name__] if cls.provides else [])
        for cls in OWN
    ]


def test_the_problems_in_the_table_have_these_statuses() -> None:
    for row in table_of(PAGE, "policies"):
        for name in names_in(row[4]):
            assert f"`{name}` ({getattr(policies, name).status})" in row[4]


@pytest.mark.parametrize("name", [cls.__name__ for cls in OWN if inspect.signature(cls).parameters])
def test_each_argument_has_its_line(name: str) -> None:
    cells = [row[0].strip("`").partition("=") for row in table_of(PAGE, f"arguments of {name}")]
    written = {argument: default.strip('"') for argument, _, default in cells}
    assert written == {
        argument: "" if parameter.default in (None, MISSING, parameter.empty) else str(parameter.default)
        for argument, parameter in inspect.signature(getattr(policies, name)).parameters.items()
    }


def own_names(cls: type[Any]) -> set[str]:
    return {name for name in (*vars(cls), *inspect.get_annotations(cls)) if not name.startswith("_")}


def test_each_member_of_a_policy_and_of_an_exchange_has_its_line() -> None:
    assert set(first_names(PAGE, "members of Policy")) == own_names(Policy)
    members = own_names(Exchange) - {
        "headers",
        "required",
        "optional",
        "watch_body",
    }  # those are for binders and other policies
    assert set(first_names(PAGE, "members of Exchange")) == members

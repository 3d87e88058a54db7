"""Classes of problems: what is wrong with one is told where it is defined."""

from typing import Any

import pytest

from signette.app import App
from signette.problems import Problem


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"status": 200}, "has status 200; a problem's status is from 400 to 599"),
        ({"status": "409"}, "has the status '409', which is no number"),
        ({"status": 409, "detail": "{skuu} is gone"}, "has no member `skuu` for its detail .* it has: sku"),
        ({"status": 409, "detail": "{} is gone"}, "has no member `` for its detail"),
        ({"status": 409, "detail": "{sku is gone"}, "has the detail '{sku is gone'"),
    ],
)
def test_a_class_that_could_not_be_told_is_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(TypeError, match=told):

        class Gone(Problem, **options):
            sku: str


def test_a_detail_may_name_parts_of_members_and_those_of_its_base() -> None:
    class Gone(Problem, status=410, detail="{where[0]} has no {sku!r:>5}"):
        sku: str
        where: list[str]

    class LongGone(Gone, status=410):
        since: int

    assert LongGone(sku="A", where=["Oslo"], since=1).detail == "Oslo has no   'A'"


def test_a_handler_without_a_key_is_no_handler() -> None:
    with pytest.raises(TypeError, match="call the decorator"):
        App().exception_handler(test_a_handler_without_a_key_is_no_handler)  # type: ignore[arg-type]

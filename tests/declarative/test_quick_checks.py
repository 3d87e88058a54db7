"""Checks that are left out for the types of most parameters would find nothing."""

from typing import Any, get_args

import pytest

from signette.declarative.adapters.sendable import Way, imports_by_name, uncopyable_default, unsendable, upload_in
from signette.declarative.checks.sendable import _ALWAYS_SENDABLE
from signette.declarative.signature.model import Parameter
from signette.declarative.sources.table import _PLAIN, INJECTED, SOURCES, claiming_source, is_injected


@pytest.mark.parametrize("annotation", [*sorted(_PLAIN - {None}, key=repr), int | str, str | None])
def test_no_injected_source_claims_a_plain_type(annotation: Any) -> None:
    assert not any(row.claims(Parameter("value", annotation)) for row in INJECTED)


@pytest.mark.parametrize("annotation", [int, str | None, list[int], dict[str, Any]])
def test_the_sources_after_the_injected_ones_claim_the_same(annotation: Any) -> None:
    parameter = Parameter("value", annotation)
    assert claiming_source(parameter, after_injected=True) is claiming_source(parameter)


def test_injected_sources_are_those_of_the_table() -> None:
    assert tuple(row for row in SOURCES if is_injected(row)) == INJECTED


@pytest.mark.parametrize("way", get_args(Way.__value__ if hasattr(Way, "__value__") else Way))
@pytest.mark.parametrize("annotation", sorted(_ALWAYS_SENDABLE, key=repr))
def test_a_type_that_is_not_checked_can_be_sent(annotation: Any, way: Any) -> None:
    assert unsendable(annotation, way) is unsendable(annotation, way, files=True) is None
    assert not imports_by_name(annotation)
    assert not upload_in(annotation)
    assert uncopyable_default(annotation) is None

"""The tables of the page on state are those of the code."""

import re
from inspect import signature
from typing import Any

import pytest

from signette.state import Backend, Bus, MemoryBus, MemoryStore, Store
from signette.state.redis import RedisBus, RedisStore
from tests.docs.tables import first_names, table_of


def test_each_argument_of_a_backend_has_its_line() -> None:
    assert first_names("reference/state", "arguments of Backend") == list(signature(Backend).parameters)


@pytest.mark.parametrize("cls", [Backend, Store, Bus])
def test_each_method_has_its_line_with_its_parameters(cls: type) -> None:
    public = {name: method for name, method in vars(cls).items() if not name.startswith("_") and callable(method)}
    lines = dict(
        re.fullmatch(r"`(\w+)\((.*)\)`", row[0]).groups()  # type: ignore[union-attr]
        for row in table_of("reference/state", f"methods of {cls.__name__}")
    )
    assert lines == {name: _parameters_of(method) for name, method in public.items()}


def _parameters_of(method: Any) -> str:
    own = signature(method)
    parameters = [each.replace(annotation=each.empty) for each in own.parameters.values() if each.name != "self"]
    return str(own.replace(parameters=parameters, return_annotation=own.empty))[1:-1].replace("'", '"')


@pytest.mark.parametrize(("cls", "protocol"), [(MemoryStore, Store), (RedisStore, Store)])
@pytest.mark.parametrize("name", sorted(name for name in vars(Store) if not name.startswith("_")))
def test_the_methods_of_engines_have_the_signatures_of_the_protocol(cls: type, protocol: type, name: str) -> None:
    assert signature(getattr(cls, name)) == signature(getattr(protocol, name))


@pytest.mark.parametrize("cls", [MemoryBus, RedisBus])
def test_buses_have_the_signatures_of_the_protocol(cls: type) -> None:
    assert signature(cls.publish) == signature(Bus.publish)  # type: ignore[attr-defined]
    assert str(signature(cls.subscribe).parameters) == str(signature(Bus.subscribe).parameters)  # type: ignore[attr-defined]

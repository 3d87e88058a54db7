"""Two contracts in one: schemas and security schemes of the same name that differ get other names."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, cast

from signette.contract.model import SCHEMAS, Contract

Part = TypeVar("Part", bound=Mapping[str, Any])


def merge(contract: Contract, other: Contract, label: str) -> None:
    """Add another contract to one. `label` is the end of the names in the other one that mean something else here."""
    schemas = {name: f"{name}-{label}" for name in _different_schemas(contract, other)}
    known = contract["schemes"]
    schemes = {
        name: f"{name}-{label}" for name, scheme in other["schemes"].items() if known.get(name, scheme) != scheme
    }
    changed: Contract = _renamed(other, schemas, schemes) if schemas or schemes else other
    for name in ("operations", "sockets", "webhooks"):
        cast(Any, contract)[name] = {**cast(Any, changed)[name], **cast(Any, contract)[name]}
    contract["schemas"] |= {schemas.get(name, name): schema for name, schema in changed["schemas"].items()}
    contract["schemes"] |= {schemes.get(name, name): scheme for name, scheme in changed["schemes"].items()}


def _different_schemas(contract: Contract, other: Contract) -> set[str]:
    """The schemas of the other contract that are not those of the same names, themselves or by what they refer to."""
    known = contract["schemas"]
    different = {name for name, schema in other["schemas"].items() if known.get(name, schema) != schema}
    while True:
        shared = other["schemas"].keys() & known.keys() - different
        more = {name for name in shared if different.intersection(_references(other["schemas"][name]))}
        if not more:
            return different
        different |= more


def _references(value: Any) -> Iterator[str]:
    """The names of the schemas that a value refers to."""
    if isinstance(value, str):
        if value.startswith(SCHEMAS):
            yield value.removeprefix(SCHEMAS)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _renamed(value: Any, schemas: Mapping[str, str], schemes: Mapping[str, str]) -> Any:
    """A copy of the value with other references."""
    if isinstance(value, str) and value.startswith(SCHEMAS):
        name = value.removeprefix(SCHEMAS)
        return SCHEMAS + schemas.get(name, name)
    if isinstance(value, list):
        return [_renamed(each, schemas, schemes) for each in value]
    if not isinstance(value, Mapping):
        return value
    made = {key: _renamed(each, schemas, schemes) for key, each in value.items()}
    if value.keys() == {"scheme", "scopes"}:  # a `Requirement`
        made["scheme"] = schemes.get(made["scheme"], made["scheme"])
    return made

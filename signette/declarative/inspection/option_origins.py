"""Where the options of a route come from: the application, routers, `include_router` calls, the operation itself."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from signette._dataclasses import dataclass

OPERATION = "operation"


@dataclass(frozen=True, slots=True)
class OptionDeclaration:
    """The options that are declared at one place."""

    owner: str
    """The place: "application", "router /items", "include_router /v1", "operation"."""
    options: Mapping[str, Any]


class DeclaredOptions(dict[str, Any]):
    """The options of a route, together with the declarations that they were merged from, the outermost first."""

    declarations: tuple[OptionDeclaration, ...] = ()

    @classmethod
    def of(cls, options: Mapping[str, Any], *declarations: OptionDeclaration) -> Self:
        """These options, from these declarations."""
        made = cls(options)
        made.declarations = declarations
        return made


def declarations_of(options: Mapping[str, Any], owner: str = OPERATION) -> tuple[OptionDeclaration, ...]:
    """The declarations of options; one of this owner for those that were not merged."""
    if isinstance(options, DeclaredOptions):
        return options.declarations
    return (OptionDeclaration(owner, options),) if options else ()


@dataclass(frozen=True, slots=True)
class OptionOrigin:
    """An option that is in effect, with the places that set it."""

    name: str
    value: Any
    owners: tuple[str, ...]
    """Usually one. Several, the outermost first, if their values are combined."""
    overrides: tuple[tuple[str, Any], ...] = ()
    """Pairs of a place and the value there, which has no effect; the innermost first."""


# Options whose items are merged also where the application handles them.
_MERGED = "form_limits"
# The plan has lines for these.
_ELSEWHERE = frozenset({"policies", "dependencies"})


def option_origins(options: Mapping[str, Any]) -> Iterator[OptionOrigin]:
    """The options in effect, in the order of their names; without policies and dependencies."""
    declarations = declarations_of(options)
    names = options.keys() | {name for each in declarations for name in each.options}
    for name in sorted(names - _ELSEWHERE):
        found = [(each.owner, each.options[name]) for each in declarations if each.options.get(name) is not None]
        value = options.get(name)
        if value is not None and not found:
            found = [(OPERATION, value)]  # it was set after the route was made
        if not found:
            continue
        *outer, (owner, innermost) = found
        if name == _MERGED:
            value = {key: each for _, limits in found for key, each in limits.items()}
        elif value is None:
            value = innermost
        if outer and value != innermost:
            yield OptionOrigin(name, value, tuple(each for each, _ in found))
        else:
            yield OptionOrigin(name, value, (owner,), tuple(reversed(outer)))

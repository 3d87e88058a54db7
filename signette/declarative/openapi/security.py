"""Security schemes of plans -> OpenAPI security schemes and requirements."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Requirement = dict[str, list[str]]
Wanted = Sequence[tuple[Any, tuple[str, ...]]]


class SchemeNames:
    """The names of security schemes in the document. Equal schemes share a name."""

    def __init__(self, schemes: Iterable[Any]) -> None:
        groups: dict[str, dict[str, Any]] = defaultdict(dict)
        for scheme in schemes:
            groups[scheme.scheme_name][_text(scheme)] = scheme.security_scheme
        self._names: dict[tuple[str, str], str] = {}
        self.described: dict[str, Mapping[str, Any]] = {}
        for word, group in sorted(groups.items()):
            for text, name in _disambiguate(word, group, groups.keys()).items():
                self._names[word, text] = name
                self.described[name] = group[text]

    def of(self, scheme: Any) -> str:
        return self._names[scheme.scheme_name, _text(scheme)]


def requirements(wanted: Wanted, names: SchemeNames) -> list[Requirement]:
    """The security requirements of an operation: all schemes with `auto_error`, and at most one of the others.

    All guards run, so their schemes are required together, in one object; others are alternatives.
    """
    needed: Requirement = {}
    choices: Requirement = {}
    for scheme, scopes in wanted:
        requirement = needed if getattr(scheme, "auto_error", True) else choices
        _add(requirement, names.of(scheme), scopes)
    for name in needed.keys() & choices.keys():  # required by another guard, so not an alternative
        _add(needed, name, choices.pop(name))
    return [*({**needed, name: scopes} for name, scopes in choices.items()), needed]


def _add(requirement: Requirement, name: str, scopes: Iterable[str]) -> None:
    requirement[name] = list(dict.fromkeys([*requirement.get(name, ()), *scopes]))


def _text(scheme: Any) -> str:
    return json.dumps(scheme.security_scheme, sort_keys=True, default=repr)


def _disambiguate(word: str, group: Mapping[str, Any], taken: Iterable[str]) -> dict[str, str]:
    """A name for each scheme of a group: the plain name, with the parameter's name, or with a number."""
    if len(group) == 1:
        return dict.fromkeys(group, word)
    others = set(taken) - {word}
    named = {text: f"{word}_{about['name']}" for text, about in group.items() if "name" in about}
    if len(set(named.values())) == len(group) and not others & set(named.values()):
        return named
    return {text: f"{word}_{number}" for number, text in enumerate(sorted(group), 1)}

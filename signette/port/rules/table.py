"""All rules, and what they find in a module."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import libcst as cst

from signette.port.rules import applications, endpoints, errors
from signette.port.rules.rule import Rule, View

RULES: tuple[Rule, ...] = (*applications.RULES, *endpoints.RULES, *errors.RULES)


def findings(view: View) -> Iterator[tuple[cst.CSTNode, Rule]]:
    """Each node that a rule matches."""
    for node in view.tree.nodes:
        kind: Any = type(node)
        for rule in _rules_for(kind):
            if rule.matches(node, view):
                yield node, rule


@cache
def _rules_for(kind: Any) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if issubclass(kind, rule.nodes))

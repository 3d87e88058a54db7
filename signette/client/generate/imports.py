"""The imports of a module as lines, sorted as ruff and isort do."""

import sys
from collections.abc import Iterable, Mapping

from signette.client.generate.layout import WIDTH

__all__ = ["import_lines"]


def import_lines(imports: Iterable[tuple[str, str]], aliases: Mapping[tuple[str, str], str]) -> str:
    """The import statements. An empty name imports the module: `("json", "")`."""
    modules: dict[str, set[str]] = {}
    whole: set[str] = set()
    for module, name in imports:
        alias = aliases.get((module, name))
        if not module or (module == "builtins" and alias is None):
            continue
        if not name:
            whole.add(module)
        else:
            modules.setdefault(module, set()).add(f"{name} as {alias}" if alias else name)
    sections = []
    for is_stdlib in (True, False):
        lines = [f"import {each}" for each in sorted(whole) if _is_stdlib(each) is is_stdlib]
        for module in sorted((each for each in modules if _is_stdlib(each) is is_stdlib), key=str.lower):
            lines.extend(_from_lines(module, modules[module]))
        if lines:
            sections.append("\n".join(lines))
    return "\n\n".join(sections)


def _is_stdlib(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def _from_lines(module: str, names: set[str]) -> list[str]:
    plain = sorted((each for each in names if " as " not in each), key=_member_key)
    lines = [f"from {module} import {each}" for each in sorted(names - set(plain), key=_member_key)]
    if plain:
        line = f"from {module} import {', '.join(plain)}"
        if len(line) > WIDTH:
            items = "".join(f"    {each},\n" for each in plain)
            line = f"from {module} import (\n{items})"
        lines.append(line)
    return sorted(lines, key=lambda line: _member_key(line.split(" import ")[1].strip("(\n ")))


def _member_key(name: str) -> tuple[int, str, str]:
    """Constants, then classes, then the rest, as isort orders by type."""
    word = name.partition(" as ")[0]
    kind = 0 if word.isupper() and len(word) > 1 else 1 if word[:1].isupper() else 2
    return kind, word.lower(), word

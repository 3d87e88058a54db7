"""Classes that a code base hands from module to module: they keep their old names there."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from signette.port.names import FRAMEWORKS, RENAMED

OLD_NAMES = frozenset(there.rpartition(".")[2] for there in RENAMED)
_ANY = "|".join(sorted(OLD_NAMES))
# `deps.FastAPI`, and `"shop.deps.FastAPI"` in text.
_ATTRIBUTE = re.compile(rf"(\w+)\.({_ANY})\b")
_IMPORT = re.compile(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]*)", re.MULTILINE)


def shared_names(texts: Mapping[Path, str]) -> dict[Path, set[str]]:
    """For each file the names of classes that other files take from it, by its module's last name."""
    taken = {pair for text in texts.values() for pair in _taken(text)}
    # What comes in by a star may be of any module.
    everywhere = {name for text in texts.values() for name in _taken_by_star(text)}
    return {path: everywhere | {name for module, name in taken if module in _names_of(path)} for path in texts}


def _names_of(path: Path) -> set[str]:
    # `from . import FastAPI` names no module: it is the package's own.
    return {path.parent.name, ""} if path.stem == "__init__" else {path.stem}


def _taken(text: str) -> Iterable[tuple[str, str]]:
    for module, names in _IMPORT.findall(text):
        if not _is_framework(module):
            yield from ((module.rpartition(".")[2], name) for name in re.findall(r"\w+", names) if name in OLD_NAMES)
    yield from (pair for pair in _ATTRIBUTE.findall(text) if pair[0] not in {*FRAMEWORKS, "routing", "applications"})


def _taken_by_star(text: str) -> set[str]:
    imports = _IMPORT.findall(text)
    if not any(names.strip() == "*" and not _is_framework(module) for module, names in imports):
        return set()
    imported = {name for module, names in imports if _is_framework(module) for name in re.findall(r"\w+", names)}
    return {name for name in OLD_NAMES - imported if re.search(rf"(?<![\w.\"'])\b{name}\b", text)}


def _is_framework(module: str) -> bool:
    return module.partition(".")[0] in FRAMEWORKS

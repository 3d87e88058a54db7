"""Names with brackets, said a second time and in another way: what `oracle.py` makes of `a[b]=1` and `a[0][b]=1`."""

import re
from collections.abc import Mapping
from typing import Any

from signette.datastructures.upload import UploadFile
from signette.declarative.signature.markers import MISSING
from signette.declarative.sources.shapes import Shape


class Unreadable(Exception):
    """A name is nested too deep, or says `[]` where more follows."""


BRACKETS = re.compile(r"(?:\[[^\[\]]*\])+")


def bracketed(sent: Mapping[str, list[Any]], wire: str, shape: Shape) -> Any:
    """The value of a name and of those that begin with it and a bracket, by its shape."""
    wrong = [name[len(wire) :] for name in sent]
    if any(name.count("[") > 16 for name in wrong):
        raise Unreadable
    fits = {name: values for name, values in sent.items() if name == wire or BRACKETS.fullmatch(name[len(wire) :])}
    if any("[][" in name for name in fits):
        raise Unreadable
    return _bracketed(fits, wire, shape)


def _bracketed(sent: Mapping[str, list[Any]], at: str, shape: Shape) -> Any:
    steps = list(dict.fromkeys(name[len(at) + 1 :].partition("]")[0] for name in sent if name.startswith(f"{at}[")))
    here = sent.get(at, [])
    if shape.kind == "list" and all(not step or (step.isdecimal() and len(step) < 10) for step in steps):
        items = [_bracketed(sent, f"{at}[{step}]", shape.item) for step in sorted(filter(None, steps), key=int)]
        return [*here, *sent.get(f"{at}[]", []), *(item for item in items if item is not MISSING)] or MISSING
    if shape.kind == "list" or (steps and shape.kind == "text"):
        return _plainly(sent, at)
    if not steps:
        counting = [value for value in here if not (shape.drops_blank and is_blank(value))]
        return counting[-1] if counting else MISSING
    known = {step: shape.members.get(step) if shape.kind == "record" else shape.item for step in steps}
    found = {
        step: _bracketed(sent, f"{at}[{step}]", inner) if inner else _plainly(sent, f"{at}[{step}]")
        for step, inner in known.items()
        if inner or shape.loose
    }
    return {step: value for step, value in found.items() if value is not MISSING}


def _plainly(sent: Mapping[str, list[Any]], at: str) -> Any:
    steps = dict.fromkeys(name[len(at) + 1 :].partition("]")[0] for name in sent if name.startswith(f"{at}["))
    if steps:
        return {step: _plainly(sent, f"{at}[{step}]") for step in steps}
    here = sent.get(at, [])
    return here[0] if len(here) == 1 else here


def is_blank(value: Any) -> bool:
    """An empty text, or a file without name and content: what a browser sends for a field left alone."""
    return value == "" or (isinstance(value, UploadFile) and not value.filename and not value.size)

"""The laws of a run: those of signette, without those that are switched off, and custom ones."""

from collections.abc import Callable, Iterable, Sequence

from signette.prove.declared import DECLARED
from signette.prove.law import Law
from signette.prove.laws.table import LAWS

MakeLaw = Callable[[], Law]


class UnknownLaw(ValueError):
    """No law has the name."""


def laws_of_run(custom: Sequence[MakeLaw] = (), without: Iterable[str] = ()) -> list[MakeLaw]:
    """What makes the laws of a run, in the order of their checks.

    Raises UnknownLaw.
    """
    every: list[MakeLaw] = [*DECLARED, *LAWS, *custom]
    names = [make().name for make in every]
    left_out = set(without)
    for name in sorted(left_out - set(names)):
        raise UnknownLaw(f"no law is named `{name}`\n  hint: use one of {', '.join(f'`{each}`' for each in names)}")
    return [make for make, name in zip(every, names, strict=True) if name not in left_out]


def law_named(name: str, custom: Sequence[MakeLaw] = ()) -> MakeLaw:
    """What makes the law of a name.

    Raises UnknownLaw.
    """
    found = next((make for make in laws_of_run(custom) if make().name == name), None)
    if found is None:
        raise UnknownLaw(f"no law is named `{name}`")
    return found

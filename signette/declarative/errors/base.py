"""Mistakes refused when the route is made: what they have in common, and those of the route itself.

One function a mistake: where, what, mend. Those of parameters, dependencies and results have files of their own.
"""

import difflib
import re
from collections.abc import Iterable
from typing import Any

from signette.declarative.signature.model import SourceLocation


class SignatureError(TypeError):
    """A signature that cannot be a contract. Three lines: where it stands, what is wrong, how to mend it."""

    def __init__(self, where: SourceLocation | str, what: str, mend: str) -> None:
        self.where = where
        self.what = what
        self.mend = mend
        super().__init__(f"{where}\n  what: {what}\n  mend: {mend}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.where, self.what, self.mend)


class UnresolvedForwardRef(SignatureError):
    """An annotation names what does not exist (yet). The plan is tried again when the application starts."""


def closest_match(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1)), None)


def closest_path_parameter(name: str, known: Iterable[str]) -> str | None:
    """The known name that may stand for this piece of a path: one much like it, or `item_id` for `id`."""
    longer = [each for each in known if each.endswith(f"_{name}") or name.endswith(f"_{each}")]
    return closest_match(name, known) or (longer[0] if len(longer) == 1 else None)


def name_missing_in(exc: Exception) -> str | None:
    """The name for want of which pydantic could not finish a type; None where that is not its complaint."""
    if type(exc).__name__ == "PydanticUndefinedAnnotation":
        return str(getattr(exc, "name", ""))
    if getattr(exc, "code", None) == "class-not-fully-defined":  # a model that names another one, defined later
        found = re.search(r"define `(?:<class '.*?)?(\w+)(?:'>)?`", str(exc))
        return found[1] if found else None
    return None


def summary(exc: Exception) -> str:
    """What pydantic says is wrong, without its advice, which is for authors of types."""
    return str(exc).splitlines()[0].partition(". ")[0]


def last_line(exc: Exception) -> str:
    """What pydantic's core says is wrong with a bound, at the end of where it found it."""
    return str(exc).splitlines()[-1].strip().partition("Error: ")[2] or str(exc).splitlines()[-1].strip()


def unknown_name(where: SourceLocation, name: str) -> SignatureError:
    return UnresolvedForwardRef(
        where,
        f"an annotation names `{name}`, which does not exist where the function was defined",
        f"import `{name}` outside `if TYPE_CHECKING:`, or define it at the top of the module",
    )


def unknown_option(where: SourceLocation, name: str, known: Iterable[str]) -> SignatureError:
    near = closest_match(name, known)
    mend = f"write `{near}=`" if near else "see `RouteOptions` for those that there are"
    return SignatureError(where, f"`{name}=` is no option of a route", mend)


def unknown_form_limit(where: SourceLocation | str, name: str, known: Iterable[str]) -> SignatureError:
    near = closest_match(name, known)
    mend = f"write `{near}`" if near else f"choose among {', '.join(f'`{each}`' for each in known)}"
    return SignatureError(where, f"`form_limits` has no `{name}`", mend)


def unknown_choice(where: SourceLocation, name: str, said: Any, choices: Iterable[str]) -> SignatureError:
    return SignatureError(where, f"`{name}={said!r}` is none of the choices", f"say one of: {', '.join(choices)}")


def no_path(where: SourceLocation) -> SignatureError:
    return SignatureError(where, "the decorator was given the function, and no path", "call it: `@app.get('/')`")


def bare_dependency(where: SourceLocation | str, said: Any) -> SignatureError:
    word = "Depends(...)" if hasattr(said, "dependency") else f"Depends({getattr(said, '__name__', 'function')})"
    return SignatureError(
        where,
        f"`dependencies=` is given a `{type(said).__name__}`, and takes a list of `Depends(...)`",
        f"write `dependencies=[{word}]`",
    )


def format_type(annotation: Any) -> str:
    """An annotation as people write it."""
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return str(annotation).replace("typing.", "").replace("signette.declarative.signature.outcomes.", "")

"""The error for invalid signatures, the words its messages share, and the errors of a route as a whole.

The other modules have one function for each error. It returns a `SignatureError` with a location, a problem and a hint.
"""

import difflib
import re
from collections.abc import Iterable
from typing import Any

from signette._patterns import lazy_pattern
from signette.declarative.signature.model import SourceLocation

# Modules that no reader needs to see before a name.
_MODULES = lazy_pattern(r"typing\.|signette\.declarative\.(?:[a-z_]+\.)+")


class SignatureError(TypeError):
    """An invalid endpoint or dependency signature: where it is, what is wrong, and a hint that fixes it."""

    def __init__(self, location: SourceLocation | str, problem: str, hint: str) -> None:
        self.location = location
        self.problem = problem
        self.hint = hint
        super().__init__(f"{location}\n  problem: {problem}\n  hint: {hint}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.location, self.problem, self.hint)


class UnresolvedForwardRef(SignatureError):
    """An annotation contains a name that is not defined yet. The route is planned again at start-up."""


class UnknownPathParameter(SignatureError):
    """A parameter is marked `Path()`, and the path of the route does not have it. A prefix or a mount may."""

    def __init__(self, location: SourceLocation | str, problem: str, hint: str, names: Iterable[str] = ()) -> None:
        super().__init__(location, problem, hint)
        self.names = tuple(names)
        """The names that the path may have for it."""


def closest_match(name: str, known: Iterable[str]) -> str | None:
    """The known name most similar to `name`."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1)), None)


def closest_path_parameter(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant for a path parameter: a similar one, or `item_id` for `id`."""
    longer = [each for each in known if each.endswith(f"_{name}") or name.endswith(f"_{each}")]
    return closest_match(name, known) or (longer[0] if len(longer) == 1 else None)


def undefined_name_in(exc: Exception) -> str | None:
    """The undefined name that made pydantic fail on a type; None for other errors."""
    if type(exc).__name__ == "PydanticUndefinedAnnotation":
        return str(getattr(exc, "name", ""))
    if getattr(exc, "code", None) == "class-not-fully-defined":  # a model that refers to a model defined later
        found = re.search(r"define `(?:<class '.*?)?(\w+)(?:'>)?`", str(exc))
        return found[1] if found else None
    return None


def summary(exc: Exception) -> str:
    """The first sentence of a pydantic error. The rest is advice for authors of custom types."""
    return str(exc).splitlines()[0].partition(". ")[0]


def last_line(exc: Exception) -> str:
    """The reason that pydantic-core gives for rejecting a constraint."""
    return str(exc).splitlines()[-1].strip().partition("Error: ")[2] or str(exc).splitlines()[-1].strip()


def format_type(annotation: Any) -> str:
    """An annotation as it is written in source code."""
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return _MODULES.sub("", str(annotation))


def unresolved_forward_ref(location: SourceLocation | str, name: str) -> SignatureError:
    return UnresolvedForwardRef(
        location,
        f"an annotation contains the name `{name}`, which is not defined in its module",
        f"import `{name}` outside `if TYPE_CHECKING:`, or define it at module level",
    )


def unknown_option(location: SourceLocation, name: str, known: Iterable[str]) -> SignatureError:
    near = closest_match(name, known)
    hint = f"write `{near}=`" if near else "see `RouteOptions` for the available options"
    return SignatureError(location, f"unexpected route option `{name}=`", hint)


def unknown_form_limit(location: SourceLocation | str, name: str, known: Iterable[str]) -> SignatureError:
    near = closest_match(name, known)
    hint = f"write `{near}`" if near else f"use one of: {', '.join(f'`{each}`' for each in known)}"
    return SignatureError(location, f"unknown limit `{name}` in `form_limits=`", hint)


def invalid_choice(location: SourceLocation, name: str, value: Any, choices: Iterable[str]) -> SignatureError:
    return SignatureError(location, f"invalid value `{name}={value!r}`", f"use one of: {', '.join(choices)}")


def missing_path(location: SourceLocation, example: str = "@app.get('/')") -> SignatureError:
    return SignatureError(location, "the route decorator is used without a path", f"write `{example}`")


def dependency_without_depends(location: SourceLocation | str, value: Any) -> SignatureError:
    word = "Depends(...)" if hasattr(value, "dependency") else f"Depends({getattr(value, '__name__', 'function')})"
    return SignatureError(
        location,
        f"`dependencies=` must be a list of `Depends(...)`, got `{type(value).__name__}`",
        f"write `dependencies=[{word}]`",
    )

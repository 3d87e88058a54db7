"""The keys of a contract: those of operations do not depend on the names of path parameters."""

import re

from signette.contract.model import Place

_PARAMETER = re.compile(r"\{([^{}]*)\}")


def path_key(path: str) -> str:
    """The path without the names of its parameters: `/orders/{}`."""
    return _PARAMETER.sub("{}", path)


def operation_key(method: str, path: str) -> str:
    """The key of an operation: `GET /orders/{}`."""
    return f"{method.upper()} {path_key(path)}"


def parameter_names(path: str) -> list[str]:
    """The names of the parameters of a path, in order; without convertors."""
    return [name.partition(":")[0].rstrip("*+?") for name in _PARAMETER.findall(path)]


def input_key(place: Place, name: str, path: str) -> str:
    """The key of an input: `query limit`, `header if-match`; of a path parameter its number: `path 1`."""
    if place == "path":
        names = parameter_names(path)
        return f"path {names.index(name) + 1 if name in names else name}"
    return f"{place} {name.lower() if place == 'header' else name}"


def media_type_key(media_type: str) -> str:
    """A media type in one spelling: in lower case, one space before each parameter."""
    kind, *parameters = (part.strip() for part in media_type.split(";"))
    return "; ".join((kind.lower(), *filter(None, parameters)))

"""Tools for agents: which operations a Model Context Protocol server offers, and how it describes them."""

from signette._dataclasses import dataclass
from signette._patterns import lazy_pattern

_NAME = lazy_pattern(r"[A-Za-z0-9_.\-]{1,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """How an operation is offered to agents: `@app.delete("/orders/{id}", tool=Tool(name="cancel_order"))`.

    `tool=True` is short for `Tool()`: the name of the tool is that of the function, its title and description are those
    of the operation, and its annotations follow from the method (RFC 9110 §9.2).

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: the name has other characters than letters, digits and `_.-`, or more than 128 of them.
    """

    name: str | None = None
    title: str | None = None
    description: str | None = None
    """What agents read, in place of the description of the operation."""
    read_only: bool | None = None
    """It changes nothing. None: for GET, HEAD and QUERY."""
    destructive: bool | None = None
    """It may delete or overwrite something. None: for PUT, PATCH and DELETE."""
    idempotent: bool | None = None
    """A second call with the same arguments has no further effect. None: for PUT and DELETE."""
    open_world: bool | None = None
    """It has to do with others than the application, such as a search on the web. None: not stated."""

    def __post_init__(self) -> None:
        for name in ("name", "title", "description"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise TypeError(f"`{name}={value!r}` must be a `str`")
        for name in ("read_only", "destructive", "idempotent", "open_world"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, bool):
                raise TypeError(f"`{name}={value!r}` must be `True` or `False`")
        if self.name is not None and not _NAME.fullmatch(self.name):
            raise ValueError(f"`name={self.name!r}` must have 1 to 128 letters, digits or `_.-`")
        if self.read_only and self.destructive:
            raise ValueError("`read_only=True` contradicts `destructive=True`")

    def __repr__(self) -> str:
        """The call that makes it, without defaults."""
        given = ((name, getattr(self, name)) for name in self.__dataclass_fields__)
        return f"Tool({', '.join(f'{name}={value!r}' for name, value in given if value is not None)})"

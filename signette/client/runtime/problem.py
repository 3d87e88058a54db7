"""`Problem`: the base of the problems in generated modules."""

from typing import Any, ClassVar, dataclass_transform


@dataclass_transform(kw_only_default=True)
class Problem(Exception):
    """A problem that an operation declares (RFC 9457). It is raised as its class, with its members as attributes."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "about:blank"
    title: ClassVar[str] = ""

    def __init__(self, **members: Any) -> None:
        for name, value in members.items():
            setattr(self, name, value)
        given = ", ".join(f"{name}={value!r}" for name, value in members.items())
        super().__init__(f"{self.status} {self.title}" + (f": {given}" if given else ""))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = Exception.__hash__

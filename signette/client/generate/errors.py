"""The errors of generating a client module."""

__all__ = ["GenerationError", "NotSource"]


class NotSource(Exception):
    """A value or a type has no source. The message describes it."""


class GenerationError(Exception):
    """The module cannot be written: a model has something that its source cannot say. It has a location and a hint."""

    def __init__(self, location: str, problem: str, hint: str) -> None:
        super().__init__(f"{location}: {problem}\n  hint: {hint}")
        self.location = location
        self.problem = problem
        self.hint = hint

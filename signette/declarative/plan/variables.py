"""Names of the variables of a binder."""


class Variables:
    """Variables for the values of a request: `v_` and a parameter's name, so that they cannot clash with others."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def new(self, name: str) -> str:
        """A variable that is not used yet: `v_limit`, and `v_limit_2` for the next `limit`."""
        word = name if name.isidentifier() and name.isascii() else "value"
        candidate, count = f"v_{word}", 1
        while candidate in self._taken:
            count += 1
            candidate = f"v_{word}_{count}"
        self._taken.add(candidate)
        return candidate

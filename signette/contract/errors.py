"""The error of contracts."""


class ContractError(Exception):
    """A contract or an OpenAPI document that cannot be read. Its text has the problem and a hint."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(f"{problem}\n  hint: {hint}")
        self.problem = problem
        self.hint = hint

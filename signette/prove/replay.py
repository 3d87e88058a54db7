"""`Replay`: the requests of a finding again, in a test."""

from collections.abc import Sequence
from typing import Any, Literal, Self

from signette.prove.law import Exchange, Request
from signette.prove.laws_of_run import MakeLaw, law_named
from signette.prove.operations import application_of, operations_of
from signette.prove.sandbox import Before, Reset, Sandbox, Surroundings


class Replay:
    """An application that was started for a test: `with Replay(app, "read_item") as replay`.

    `operation` is an operation id. `before` and `reset` are those of `prove`; headers that `before` returns replace
    those of the requests. `laws` are custom ones.

    Raises NoOperations.
    """

    def __init__(
        self,
        app: Any,
        operation: str,
        *,
        before: Before | None = None,
        reset: Reset | None = None,
        laws: Sequence[MakeLaw] = (),
        timeout: float = 5.0,
        host: str = "testserver",
    ) -> None:
        self.operation = operations_of(application_of(app), [operation])[0]
        self._laws = laws
        self._sandbox = Sandbox(app, Surroundings(before=before, reset=reset, timeout=timeout, host=host))

    def __enter__(self) -> Self:
        self._sandbox.__enter__()
        try:
            self._sandbox.start()
        except BaseException:
            self._sandbox.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._sandbox.__exit__()

    def send(self, request: Request, *, intent: Literal["valid", "invalid", "other"] = "other") -> Exchange:
        """Send a request to the application."""
        return self._sandbox.send_as_it_is(self._renewed(request), intent)

    def check(
        self, law: str, request: Request | None = None, *, intent: Literal["valid", "invalid", "other"] = "other"
    ) -> Exchange | None:
        """Send a request, and check a law with it. Without a request the law sends its own.

        Raises AssertionError: the law does not hold.
        Raises UnknownLaw.
        """
        checked = law_named(law, self._laws)()
        if request is None:
            exchange, violations = None, self._sandbox.prepare(checked, self.operation)
        else:
            exchange = self.send(request, intent=intent)
            # Without the fault the response may be one that the law is not about.
            is_wanted = checked.wants(self.operation, exchange)
            violations = self._sandbox.check(checked, self.operation, exchange) if is_wanted else []
        if violations:
            shown = [f"{each.message}\n" + "\n".join(f"  {sent}" for sent in each.exchanges) for each in violations]
            raise AssertionError(f"{law}: {checked.summary}\n" + "\n".join(shown))
        return exchange

    def _renewed(self, request: Request) -> Request:
        """The request with the credentials of this start, if it has some."""
        for name, value in self._sandbox.more_headers.items():
            if request.header(name) is not None:
                request = request.with_header(name, value)
        return request

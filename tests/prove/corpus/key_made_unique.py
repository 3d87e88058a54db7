"""Middleware that adds the time to `Idempotency-Key`: the policy works, and each repetition is a new request."""

from itertools import count

from signette import App, Middleware
from signette.policies import Idempotent
from signette.types import ASGIApp, Receive, Scope, Send

numbers = count()


class UniqueKeys:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            changed = [
                (name, value + b"-%d" % next(numbers) if name == b"idempotency-key" else value)
                for name, value in scope["headers"]
            ]
            scope = {**scope, "headers": changed}
        await self.app(scope, receive, send)


app = App(middleware=[Middleware(UniqueKeys)])


@app.post("/letters", status_code=202, policies=[Idempotent(required=True)])
async def send_letter(text: str) -> None: ...


REPORTED = {("idempotency-key", "POST /letters")}

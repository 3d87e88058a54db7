"""A `send` that keeps a response until it is complete, or too large to be kept."""

from collections.abc import Awaitable, Callable

from signette.declarative.policies.stored_response import StoredResponse, response_of
from signette.types import Message, Scope, Send


class ResponseRecorder:
    """Keeps the messages of a response of at most `max_bytes`, and sends what `completed` makes of it.

    A larger response, a stream of events, and one that the server reads from a file, is passed on as it arrives: before
    that `passing` is awaited with its status. `wants` is asked with the status and the header fields, when the response
    starts; without it each response is kept.
    """

    def __init__(
        self,
        send: Send,
        max_bytes: int,
        *,
        completed: Callable[[StoredResponse], Awaitable[StoredResponse]],
        passing: Callable[[int], Awaitable[None]],
        wants: Callable[[Message], bool] | None = None,
    ) -> None:
        self._send = send
        self._max_bytes = max_bytes
        self._completed = completed
        self._passing = passing
        self._wants = wants
        self._kept: list[Message] = []
        self._size = 0
        self.passes = False
        """Messages are passed on."""

    async def send(self, message: Message) -> None:
        """The `send` of the response."""
        if self.passes:
            await self._send(message)
            return
        kind = message["type"]
        if kind == "http.response.start" and not self._kept:
            self._kept.append(message)
            if (self._wants and not self._wants(message)) or message.get("trailers") or _is_endless(message):
                await self._pass_on()
        elif kind == "http.response.body" and self._kept:
            # A copy: the application may use its buffer again.
            chunk = bytes(message.get("body", b""))
            self._kept.append({**message, "body": chunk})
            self._size += len(chunk)
            if self._size > self._max_bytes:
                await self._pass_on()
            elif not message.get("more_body", False):
                await self._complete()
        elif self._kept:  # pathsend, zero-copy send
            self._kept.append(message)
            await self._pass_on()
        else:  # an informational response, before the start
            await self._send(message)

    async def _pass_on(self) -> None:
        self.passes = True
        kept, self._kept = self._kept, []
        await self._passing(kept[0]["status"])
        for message in kept:
            await self._send(message)

    async def _complete(self) -> None:
        self.passes = True
        start, *bodies = self._kept
        self._kept = []
        body = bodies[0]["body"] if len(bodies) == 1 else b"".join(each["body"] for each in bodies)
        response = await self._completed(response_of(start["status"], start.get("headers", ()), body))
        await self._send({**start, "status": response.status, "headers": list(response.headers)})
        await self._send({"type": "http.response.body", "body": response.body, "more_body": False})


def hide_file_reads(scope: Scope) -> None:
    """Let responses send the content of files, which the server could read on its own."""
    if extensions := scope.get("extensions"):
        scope["extensions"] = {name: each for name, each in extensions.items() if name not in _FILE_READS}


_FILE_READS = frozenset({"http.response.pathsend", "http.response.zerocopysend"})


def _is_endless(start: Message) -> bool:
    """Whether the response is a stream of events, whose chunks have to be sent as they come."""
    fields = start.get("headers", ())
    return any(name.lower() == b"content-type" and value.startswith(b"text/event-stream") for name, value in fields)

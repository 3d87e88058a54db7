"""Requests with credentials, idempotency keys and retries, over any transport."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from signette.client.runtime.auth import Authenticator, OAuth2Token, UnusableCredential
from signette.client.runtime.bodies import (
    AsyncChunks,
    BlockingChunks,
    ReceivedBeforeBodyEnds,
    is_repeatable_body,
    with_async_body,
    with_blocking_body,
)
from signette.client.runtime.retries import Retries, is_connection_error, may_repeat, new_idempotency_key
from signette.client.runtime.spec import OperationSpec
from signette.client.runtime.transport import (
    BlockingReceived,
    BlockingTransport,
    Received,
    Sent,
    Transport,
    WholeResponse,
)

JSON_TYPE = ("accept", "application/json")
FORM_TYPE = ("content-type", "application/x-www-form-urlencoded")


class Temporary(Exception):
    """A response after which the request is sent again. It is the result of the last attempt."""

    def __init__(self, response: WholeResponse, wait: float | bool) -> None:
        self.response = response
        self.wait = wait
        super().__init__(f"status {response.status}")


@dataclass(frozen=True)
class Sending:
    """What requests get besides their arguments."""

    auth: Authenticator = field(default_factory=lambda: Authenticator(None, ()))
    retries: Retries | None = None

    def is_plain_for(self, operation: OperationSpec) -> bool:
        """Whether requests of an operation are sent as they are, if their body is not streamed."""
        return not (
            self.retries is not None or operation.idempotency_key or (operation.security and self.auth.has_credentials)
        )

    def prepared(self, operation: OperationSpec, sent: Sent) -> Sent:
        """The request with an idempotency key, which all attempts share."""
        name = operation.idempotency_key.lower()
        if not name or any(known == name for known, _ in sent.headers):
            return sent
        return replace(sent, headers=[*sent.headers, (name, new_idempotency_key())])

    def with_credentials(self, operation: OperationSpec, sent: Sent) -> Sent:
        """The request with the credentials of the operation. A header that an argument has sent stays."""
        found = self.auth.credentials(operation.security)
        known = {name for name, _ in sent.headers}
        headers = [*sent.headers, *((name.lower(), text) for name, text in found.headers if name.lower() not in known)]
        if found.cookies:
            own = next((text for name, text in headers if name == "cookie"), "")
            pairs = [*([own] if own else []), *(f"{name}={text}" for name, text in found.cookies)]
            headers = [*(each for each in headers if each[0] != "cookie"), ("cookie", "; ".join(pairs))]
        url = sent.url
        if found.query:
            url += ("&" if "?" in url else "?") + urlencode(found.query, quote_via=quote)
        return replace(sent, headers=headers, url=url)

    def retries_of(self, sent: Sent) -> Retries | None:
        """The retries, if the request can be sent again."""
        if self.retries is None or not is_repeatable_body(sent.body) or not may_repeat(sent.method, dict(sent.headers)):
            return None
        return self.retries

    def is_rejected(self, operation: OperationSpec, sent: Sent, status: int) -> bool:
        """Whether another request, with new tokens, may succeed after this status."""
        return status == 401 and is_repeatable_body(sent.body) and self.auth.forget(operation.security)

    def token_requests(self, operation: OperationSpec) -> list[tuple[OAuth2Token, Sent]]:
        """The requests for the tokens that are missing."""
        return [
            (
                token,
                Sent(
                    "POST",
                    url if "://" in url else f"/{url.lstrip('/')}",
                    [FORM_TYPE, JSON_TYPE],
                    urlencode(token.form()).encode(),
                ),
            )
            for token, url in self.auth.pending(operation.security)
        ]

    def keep(self, token: OAuth2Token, status: int, body: bytes) -> None:
        """Keep the token of a response. Raises UnusableCredential."""
        if status != 200:
            shown = body[:200].decode("utf-8", "replace")
            raise UnusableCredential(f"no token for {token!r}: the token URL has responded with {status}: {shown}")
        try:
            members = json.loads(body)
            self.auth.keep(token, members if isinstance(members, Mapping) else {})
        except ValueError as exc:
            raise UnusableCredential(f"no token for {token!r}: {exc}") from exc


def wait_after(exc: Exception) -> float | bool:
    """Whether a request is sent again after an exception, and when."""
    return exc.wait if isinstance(exc, Temporary) else is_connection_error(exc)


class AsyncSender:
    """Sends the requests of operations."""

    def __init__(self, transport: Transport, sending: Sending) -> None:
        self.transport = transport
        self.sending = sending

    async def send(self, operation: OperationSpec, sent: Sent) -> Received:
        """Send a request, as often as it takes."""
        sent = self.sending.prepared(operation, sent)
        retries = self.sending.retries_of(sent)
        if retries is None:
            return await self._send_twice(operation, sent)

        async def attempt() -> Received:
            received = await self._send_twice(operation, sent)
            wait = retries.wait_after_response(received.status, dict(received.headers))
            if wait is False:
                return received
            body = await received.aread()
            await received.aclose()
            raise Temporary(WholeResponse(received.status, received.headers, body), wait)

        try:
            return await retries.call_async(attempt, wait_after)
        except Temporary as temporary:
            return temporary.response

    async def _send_twice(self, operation: OperationSpec, sent: Sent) -> Received:
        received = await self._send_once(operation, sent)
        if self.sending.is_rejected(operation, sent, received.status):
            await received.aclose()
            received = await self._send_once(operation, sent)
        return received

    async def _send_once(self, operation: OperationSpec, sent: Sent) -> Received:
        sent = await with_async_body(await self.authenticated(operation, sent))
        body = sent.body
        if not isinstance(body, AsyncChunks):
            return await self.transport.send(sent)
        try:
            received = await self.transport.send(sent)
        except BaseException as exc:
            await body.aclose()
            if isinstance(exc, Exception):
                body.check()
            raise
        if body.failure is not None:
            await received.aclose()
            await body.aclose()
            body.check()
        if sent.streams:
            return ReceivedBeforeBodyEnds(received, body)
        await body.aclose()
        return received

    async def authenticated(self, operation: OperationSpec, sent: Sent) -> Sent:
        """The request with credentials. Tokens that are missing are requested first."""
        for token, request in self.sending.token_requests(operation):
            received = await self.transport.send(request)
            self.sending.keep(token, received.status, await received.aread())
        return self.sending.with_credentials(operation, sent)


class BlockingSender:
    """The same, without `async`."""

    def __init__(self, transport: BlockingTransport, sending: Sending) -> None:
        self.transport = transport
        self.sending = sending

    def send(self, operation: OperationSpec, sent: Sent) -> BlockingReceived:
        """Send a request, as often as it takes."""
        sent = self.sending.prepared(operation, sent)
        retries = self.sending.retries_of(sent)
        if retries is None:
            return self._send_twice(operation, sent)

        def attempt() -> BlockingReceived:
            received = self._send_twice(operation, sent)
            wait = retries.wait_after_response(received.status, dict(received.headers))
            if wait is False:
                return received
            body = received.read()
            received.close()
            raise Temporary(WholeResponse(received.status, received.headers, body), wait)

        try:
            return retries.call(attempt, wait_after)
        except Temporary as temporary:
            return temporary.response

    def _send_twice(self, operation: OperationSpec, sent: Sent) -> BlockingReceived:
        received = self._send_once(operation, sent)
        if self.sending.is_rejected(operation, sent, received.status):
            received.close()
            received = self._send_once(operation, sent)
        return received

    def _send_once(self, operation: OperationSpec, sent: Sent) -> BlockingReceived:
        sent = with_blocking_body(self.authenticated(operation, sent))
        body = sent.body
        if not isinstance(body, BlockingChunks):
            return self.transport.send(sent)
        try:
            received = self.transport.send(sent)
        except Exception:
            body.check()
            raise
        if body.failure is not None:
            received.close()
            body.check()
        return received

    def authenticated(self, operation: OperationSpec, sent: Sent) -> Sent:
        """The request with credentials. Tokens that are missing are requested first."""
        for token, request in self.sending.token_requests(operation):
            received = self.transport.send(request)
            self.sending.keep(token, received.status, received.read())
        return self.sending.with_credentials(operation, sent)

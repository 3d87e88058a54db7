"""Calls over HTTP, by httpx2."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

from signette.client.runtime.transport import BlockingReceived, Pairs, Received, Sent, WholeResponse

DEFAULT_TIMEOUT = 30.0
"""Seconds for connecting, and for each wait for bytes."""
_BASE_URL = re.compile(r"https?://[^/?#\s][^?#\s]*", re.IGNORECASE)


class HTTPTransport:
    """Carries requests of an `AsyncClient`. `client` is an `httpx2.AsyncClient` that you close yourself."""

    def __init__(self, base_url: str, *, timeout: float | None = DEFAULT_TIMEOUT, client: Any = None) -> None:
        self.base_url = checked_url(base_url).rstrip("/")
        self.client = library().AsyncClient(timeout=timeout) if client is None else client
        self._is_own = client is None

    async def send(self, sent: Sent) -> Received:
        """Send a request. Raises `httpx2.HTTPError` if there is no response."""
        request = self.client.build_request(sent.method, url_of(self.base_url, sent), **request_options(sent))
        response = await self.client.send(request, stream=sent.streams)
        if sent.streams:
            return StreamedHTTPResponse(response)
        return WholeResponse(response.status_code, pairs_in(response), response.content)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._is_own:
            await self.client.aclose()


class BlockingHTTPTransport:
    """Carries requests of a `Client`. `client` is an `httpx2.Client` that you close yourself."""

    def __init__(self, base_url: str, *, timeout: float | None = DEFAULT_TIMEOUT, client: Any = None) -> None:
        self.base_url = checked_url(base_url).rstrip("/")
        self.client = library().Client(timeout=timeout) if client is None else client
        self._is_own = client is None

    def send(self, sent: Sent) -> BlockingReceived:
        """Send a request. Raises `httpx2.HTTPError` if there is no response."""
        request = self.client.build_request(sent.method, url_of(self.base_url, sent), **request_options(sent))
        response = self.client.send(request, stream=sent.streams)
        if sent.streams:
            return BlockingStreamedHTTPResponse(response)
        return WholeResponse(response.status_code, pairs_in(response), response.content)

    def close(self) -> None:
        """Close the connections."""
        if self._is_own:
            self.client.close()


class StreamedHTTPResponse:
    """A response whose body is read while it arrives."""

    def __init__(self, response: Any) -> None:
        self._response = response
        self.status: int = response.status_code
        self.headers: Pairs = pairs_in(response)

    async def aread(self) -> bytes:
        body: bytes = await self._response.aread()
        return body

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        async with aclosing(self._response.aiter_bytes()) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        await self._response.aclose()


class BlockingStreamedHTTPResponse:
    """A response whose body is read while it arrives, without `async`."""

    def __init__(self, response: Any) -> None:
        self._response = response
        self.status: int = response.status_code
        self.headers: Pairs = pairs_in(response)

    def read(self) -> bytes:
        body: bytes = self._response.read()
        return body

    def iter_bytes(self) -> Iterator[bytes]:
        yield from self._response.iter_bytes()

    def close(self) -> None:
        self._response.close()


def checked_url(base_url: str) -> str:
    """The URL of an application.

    Raises:
        TypeError: it is not a text.
        ValueError: it is not a URL of HTTP, with a host, and without a query.
    """
    if not isinstance(base_url, str):
        raise TypeError(f"`base_url` is a text, not of the type `{type(base_url).__name__}`")
    if not _BASE_URL.fullmatch(base_url):
        raise ValueError(
            f"`base_url` is {base_url!r}, and must be a URL such as `https://api.example`, without a query"
        )
    return base_url


def url_of(base_url: str, sent: Sent) -> str:
    """The URL of a request. A token may be issued by another server."""
    return sent.url if "://" in sent.url.partition("?")[0] else base_url + sent.url


def request_options(sent: Sent) -> dict[str, Any]:
    """The arguments of httpx2 for a request."""
    # Text would be encoded as ASCII, and headers may have all of Latin-1.
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.headers]
    options: dict[str, Any] = {"headers": headers, "content": sent.body}
    if sent.timeout is not None:
        options["timeout"] = sent.timeout
    return options


def pairs_in(response: Any) -> Pairs:
    """The headers of a response, with names in lower case."""
    return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw]


def library() -> Any:
    """httpx2.

    Raises:
        ImportError: it is not installed.
    """
    try:
        import httpx2  # noqa: PLC0415 - calls in process do not need it
    except ImportError as exc:
        raise ImportError(
            "a client over HTTP requires httpx2. Install it with `pip install 'signette[client]'`."
        ) from exc
    return httpx2

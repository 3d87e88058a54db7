"""`Cache`: what endpoints and jobs do with cached responses of other endpoints."""

from typing import Any

from signette.declarative.policies.cache_tags import CacheTags


class Cache:
    """The cached responses of an application. As a parameter, `cache: Cache`, it is that of the application.

    Elsewhere, `Cache(app.backend)`.
    """

    def __init__(self, backend: Any) -> None:
        self._tags = CacheTags(backend.store("cache"))

    async def invalidate(self, *tags: str) -> None:
        """Make all responses with one of these tags invalid, in all processes, and those that are being made.

        Raises StateUnavailable if the state engine cannot be used: the responses may then be sent until they expire.
        """
        await self._tags.invalidate(*tags)

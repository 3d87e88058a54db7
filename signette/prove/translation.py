"""Requests that are sent again to an application that was started again: new ids take the place of the old ones.

What the server makes up (a UUID, a token) is another value at the second time. It is found at the same place of the
response, and replaced wherever a later request has the old value.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from signette.prove.law import Exchange, Request

# Shorter texts, and numbers, are replaced in paths only: elsewhere they may be equal by chance.
LONG = 8


class Translation:
    """Pairs of an old and a new value."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self._json: dict[Any, Any] = {}

    def learn(self, old: Exchange, new: Exchange) -> None:
        """Compare two responses to the same request."""
        if old.status != new.status:
            return
        pairs = [(old.header(name), new.header(name)) for name in ("location", "etag")]
        for before, after in pairs:
            if before and after:
                self._note(before, after)
                for left, right in zip(before.split("/"), after.split("/"), strict=False):
                    self._note(left, right)
        theirs = dict(values_of(json_or_none(new)))
        for place, value in values_of(json_or_none(old)):
            other = theirs.get(place)
            if type(other) is type(value):
                self._note(value, other)

    def _note(self, before: Any, after: Any) -> None:
        if before != after:
            self.values[str(before)] = str(after)
            self._json[before] = after

    def applied(self, request: Request) -> Request:
        """A request with the new values in place of the old ones."""
        if not self.values:
            return request
        path, mark, query = request.target.partition("?")
        path = "/".join(self._part(part) for part in path.split("/"))
        query = "&".join(f"{name}{equals}{self._part(value)}" for name, equals, value in _pairs(query))
        headers = tuple(
            (name, self.values.get(value, value) if len(value) >= LONG else value) for name, value in request.headers
        )
        return replace(request, target=f"{path}{mark}{query}", headers=headers, body=self._body(request.body))

    def _part(self, part: str) -> str:
        new = self.values.get(unquote(part))
        return part if new is None else quote(new, safe="")

    def _body(self, body: bytes) -> bytes:
        try:
            value = json.loads(body)
        except ValueError:
            return body
        changed = self._replaced(value)
        return body if changed == value else json.dumps(changed).encode()

    def _replaced(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._replaced(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self._replaced(item) for item in value]
        is_long = isinstance(value, str) and len(value) >= LONG
        return self._json.get(value, value) if is_long else value


def values_of(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The texts and numbers of a JSON value, with their places."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from values_of(member, (*place, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from values_of(item, (*place, index))
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield place, value


def json_or_none(exchange: Exchange) -> Any:
    """The body as JSON, or None."""
    try:
        return exchange.json()
    except ValueError:
        return None


def _pairs(query: str) -> list[tuple[str, str, str]]:
    return [part.partition("=") for part in query.split("&")]

"""Conditional requests: the preconditions of a request, which a handler compares with the state of the resource.

    @app.put("/users/{user_id}")
    async def replace(user_id: int, user: User, cond: RequiredConditional) -> Tagged[User]:
        current = await load(user_id)
        cond.check(etag=current.version)
        ...

`check` evaluates them in the order of RFC 9110 section 13.2.2. It returns if the request may go on, and raises what
the response is otherwise: 304 or 412.
"""

import logging
import re
import time
from datetime import datetime
from typing import Annotated

from signette._http.conditional import (
    FAILED,
    MALFORMED,
    NOT_MODIFIED,
    READS,
    Version,
    entity_tag,
    evaluate,
    format_last_modified,
    is_unmodified,
    preconditions_of,
)
from signette._patterns import lazy_pattern
from signette._scope_keys import CACHING, CHECKED, FORMAT
from signette.exceptions import HTTPException
from signette.problems import Problem
from signette.types import Message, Scope, Send

_log = logging.getLogger("signette.conditional")
# The end of an entity tag in another format than the first one: `"3;csv"`.
_FORMAT = lazy_pattern(r';[\w.+-]+"', re.ASCII)
_OF_CACHES = ("if-none-match", "if-modified-since")
# The preconditions that guard a change.
_OF_CHANGES = ("if-match", "if-none-match", "if-unmodified-since")


class PreconditionFailed(Problem, status=412):
    """The resource is not in the state that the request requires: get it again, and repeat the request."""


class PreconditionRequired(Problem, status=428):
    """The request must be conditional: send `If-Match` with the `ETag` of the version that you change."""


class NotModified(HTTPException):
    """304: the client has the current representation. `headers` has `ETag` and `Last-Modified`."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(304, headers=headers)

    def __reduce__(self) -> tuple[type["NotModified"], tuple[object]]:
        return NotModified, (self.headers,)


class Conditional:
    """The preconditions of a request: take it as a parameter, `cond: Conditional`, and call `cond.check(...)`.

    `cond: RequiredConditional` also rejects requests without a precondition that guards a change, with a 428.

    Attributes:
        method: The method of the request.
    """

    __slots__ = ("_conditions", "_is_checked", "_is_required", "_scope", "_validators", "method")

    def __init__(self, scope: Scope) -> None:
        self.method: str = scope["method"]
        self._scope = scope
        self._conditions = preconditions_of(scope["headers"])
        self._validators: list[tuple[bytes, bytes]] = []
        self._is_checked = False
        self._is_required = False

    @property
    def if_match(self) -> str | None:
        """The field `If-Match` as sent; None without it."""
        return self._conditions.get("if-match")

    @property
    def if_none_match(self) -> str | None:
        """The field `If-None-Match` as sent; None without it."""
        return self._conditions.get("if-none-match")

    @property
    def if_modified_since(self) -> str | None:
        """The field `If-Modified-Since` as sent; None without it."""
        return self._conditions.get("if-modified-since")

    @property
    def if_unmodified_since(self) -> str | None:
        """The field `If-Unmodified-Since` as sent; None without it."""
        return self._conditions.get("if-unmodified-since")

    @property
    def if_range(self) -> str | None:
        """The field `If-Range` as sent, for a handler that sends ranges; None without it. `check` ignores it."""
        return self._conditions.get("if-range")

    def check(
        self,
        *,
        etag: Version | None = None,
        last_modified: datetime | None = None,
        weak: bool = False,
        exists: bool = True,
    ) -> None:
        """Compare the preconditions with the current state of the resource. Call it before you change anything.

        The response to a GET or HEAD then has these validators as `ETag` and `Last-Modified`.

        Args:
            etag: The version: a text, a number, or an entity tag. Other text, and bytes, become a digest.
            last_modified: When the resource was changed, with a time zone. Fractions of a second are dropped, and a
                time in the future becomes now.
            weak: The entity tag is weak. `If-Match` never matches a weak one.
            exists: False if there is no such resource yet. Then `If-None-Match: *` is true, and `If-Match` false.

        Raises:
            NotModified: 304, the client has the current representation; for GET and HEAD only.
            PreconditionFailed: 412, a precondition is false.
            PreconditionRequired: 428, for `RequiredConditional`: no field that was sent could be compared.
            HTTPException: 400, a list of entity tags is malformed.
            ValueError: `last_modified` has no time zone, or a resource that does not exist has validators.
        """
        self._is_checked = True
        if not exists and not (etag is last_modified is None):
            raise ValueError("a resource with `exists=False` has no `etag` and no `last_modified`")
        tag = None if etag is None else entity_tag(etag, weak=weak)
        modified = None if last_modified is None else format_last_modified(last_modified, time.time())
        if self._is_required and not self._guards(modified):
            raise PreconditionRequired
        conditions = conditions_for(self._scope)
        if self.method in READS:
            tag = tag and tag_in_format(tag, self._scope)
        else:
            conditions = {name: in_any_format(value) for name, value in conditions.items()}
        validators = {"etag": tag, "last-modified": modified}
        raise_for(conditions, self.method, validators, exists=exists)
        if self.method in READS:
            self._validators = [
                (name.encode(), value.encode("latin-1")) for name, value in validators.items() if value is not None
            ]
            self._scope[CHECKED] = self._validators

    def _guards(self, last_modified: str | None) -> bool:
        """Whether a precondition was sent that can be compared: an invalid date is ignored."""
        if "if-match" in self._conditions or "if-none-match" in self._conditions:
            return True
        date = self._conditions.get("if-unmodified-since")
        return date is not None and is_unmodified(date, last_modified) is not None

    def require(self) -> None:
        """Raise PreconditionRequired (428) if the request has no precondition that guards a change."""
        self._is_required = True
        if not any(name in self._conditions for name in _OF_CHANGES):
            raise PreconditionRequired

    def sending(self, send: Send) -> Send:
        """A `send` that adds the validators of `check` to a successful response."""

        async def with_validators(message: Message) -> None:
            if message["type"] == "http.response.start" and 200 <= message["status"] < 300:
                if self._validators:
                    fields = [(name.lower(), value) for name, value in message.get("headers", ())]
                    own = {name for name, _ in fields}
                    fields += [each for each in self._validators if each[0] not in own]
                    message = {**message, "headers": fields}
                elif self._conditions and not self._is_checked:
                    _log.warning("preconditions of a %s were ignored: `Conditional.check` was not called", self.method)
            await send(message)

        return with_validators


def conditions_for(scope: Scope) -> dict[str, str]:
    """The preconditions of a request, without those that a cache around the endpoint evaluates."""
    conditions = preconditions_of(scope["headers"])
    if CACHING in scope:
        return {name: value for name, value in conditions.items() if name not in _OF_CACHES}
    return conditions


def tag_in_format(tag: str, scope: Scope) -> str:
    """The entity tag of a version in the format that the request has chosen (RFC 9110 §8.8.3.3)."""
    return f'{tag[:-1]}{scope[FORMAT]}"' if FORMAT in scope else tag


def in_any_format(field: str) -> str:
    """A list of entity tags, with those of the versions whose representation in another format the client has.

    A change is of the resource, so each representation of the current version is as good.
    """
    without = _FORMAT.sub('"', field)
    return field if without == field else f"{field}, {without}"


def raise_for(
    conditions: dict[str, str], method: str, validators: dict[str, str | None], *, exists: bool = True
) -> None:
    """Raise what the preconditions of a request lead to, if they do not let it go on.

    `validators` has the fields `etag` and `last-modified` of the current representation.
    """
    verdict = evaluate(conditions, method, validators["etag"], validators["last-modified"], exists=exists)
    if verdict == NOT_MODIFIED:
        raise NotModified({name: value for name, value in validators.items() if value is not None})
    if verdict == FAILED:
        raise PreconditionFailed
    if verdict == MALFORMED:
        raise HTTPException(400, 'a precondition is malformed: entity tags are quoted, as in `If-Match: "3"`')


class Required:
    """In the annotation of a `Conditional`: the request must have a precondition."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Required()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Required)

    def __hash__(self) -> int:
        return hash(Required)


RequiredConditional = Annotated[Conditional, Required()]

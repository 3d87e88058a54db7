"""The parts of the runtime that clients of an application use: all of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from signette.client.runtime.auth import Auth, Authenticator
from signette.client.runtime.calls import ResultMaker
from signette.client.runtime.event_results import async_events, blocking_events
from signette.client.runtime.events import Reconnect
from signette.client.runtime.file_results import (
    async_chunks,
    async_text_chunks,
    blocking_chunks,
    blocking_text_chunks,
)
from signette.client.runtime.item_results import async_items, blocking_items
from signette.client.runtime.options import check_reconnect
from signette.client.runtime.page_results import async_pages, blocking_pages
from signette.client.runtime.retries import Retries
from signette.client.runtime.sending import Sending
from signette.client.runtime.socket_results import async_socket, blocking_socket
from signette.client.runtime.spec import OperationSpec, ResultKind

ASYNC_MAKERS: Mapping[ResultKind, ResultMaker] = {
    "items": async_items,
    "events": async_events,
    "page": async_pages,
    "file": async_chunks,
    "chunks": async_chunks,
    "text chunks": async_text_chunks,
    "socket": async_socket,
}
BLOCKING_MAKERS: Mapping[ResultKind, ResultMaker] = {
    "items": blocking_items,
    "events": blocking_events,
    "page": blocking_pages,
    "file": blocking_chunks,
    "chunks": blocking_chunks,
    "text chunks": blocking_text_chunks,
    "socket": blocking_socket,
}


def sending_of(operations: Iterable[OperationSpec], auth: Auth | None, retries: Retries | int | None) -> Sending:
    """What requests get besides their arguments.

    Raises UnusableCredential for a credential that no operation takes.
    """
    schemes = (scheme for each in operations for alternative in each.security for scheme in alternative)
    tries = Retries(attempts=retries) if isinstance(retries, int) else retries
    return Sending(Authenticator(auth, schemes), tries)


def result_options(reconnect: Reconnect | None) -> dict[str, Any]:
    """The options of results. Raises TypeError for what is not a `Reconnect`."""
    check_reconnect(reconnect)
    return {} if reconnect is None else {"reconnect": reconnect}

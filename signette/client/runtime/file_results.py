"""Calls whose result is a file, or a stream of chunks."""

from signette.client.runtime.calls import AsyncCall, BlockingCall
from signette.client.runtime.downloads import (
    AsyncDownload,
    BlockingDownload,
    async_file,
    async_text,
    blocking_file,
    blocking_text,
)


def async_chunks(call: AsyncCall) -> AsyncDownload[bytes]:
    """The bytes of a response."""
    return async_file(call.open)


def async_text_chunks(call: AsyncCall) -> AsyncDownload[str]:
    """The text of a response."""
    return async_text(call.open)


def blocking_chunks(call: BlockingCall) -> BlockingDownload[bytes]:
    """The bytes of a response, without `async`."""
    return blocking_file(call.open)


def blocking_text_chunks(call: BlockingCall) -> BlockingDownload[str]:
    """The text of a response, without `async`."""
    return blocking_text(call.open)

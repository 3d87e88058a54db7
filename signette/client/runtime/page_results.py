"""Calls whose result is a page of a list."""

from typing import Any

from signette.client.runtime.calls import AsyncCall, BlockingCall
from signette.client.runtime.decoding import Reply
from signette.client.runtime.pages import AsyncPages, BlockingPages, PageOf
from signette.client.runtime.spec import OperationSpec


def async_pages(call: AsyncCall) -> AsyncPages[Any]:
    """A page, and all items of the list."""

    async def fetch(parameter: str | None) -> PageOf[Any]:
        return page_of(await call.reply(other_page(call.operation, parameter)))

    return AsyncPages(fetch)


def blocking_pages(call: BlockingCall) -> BlockingPages[Any]:
    """A page, and all items of the list, without `async`."""

    def fetch(parameter: str | None) -> PageOf[Any]:
        return page_of(call.reply(other_page(call.operation, parameter)))

    return BlockingPages(fetch)


def other_page(operation: OperationSpec, parameter: str | None) -> dict[str, Any]:
    """The arguments that another page adds to those of the call."""
    if parameter is None or operation.paging is None:
        return {}
    is_number = operation.paging.argument == "offset" and parameter.isdecimal()
    return {operation.paging.argument: int(parameter) if is_number else parameter}


def page_of(reply: Reply[Any]) -> PageOf[Any]:
    """The page of a response. Raises a problem that the operation returns."""
    page = reply.value
    if isinstance(page, Exception):
        raise page
    assert isinstance(page, PageOf)
    return page
